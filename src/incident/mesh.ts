import type { Container } from './container.ts'

/** Containers that meshes put beside applications: Istio, Linkerd, Consul, Kuma, App Mesh. */
const PROXIES = new Set(['istio-proxy', 'linkerd-proxy', 'consul-dataplane', 'envoy-sidecar', 'kuma-sidecar', 'envoy'])

/** Whether a container is the proxy of a service mesh. */
export function isMeshProxy({ name, role }: Container): boolean {
  return (role === 'main' || role === 'sidecar') && PROXIES.has(name)
}
