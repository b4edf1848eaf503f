import type { Thing } from '../../incident/scene.ts'
import { endpointSlice, pod, service, thing, workload } from '../../incident/things.ts'

/** The cluster's DNS with one pod; not ready: the pod is not. */
export function nameServer(options: { ready?: boolean; replicas?: number; corefile?: string } = {}): Thing[] {
  const { ready = true, replicas = 1, corefile } = options
  const labels = { 'k8s-app': 'kube-dns' }
  const server = pod('kube-system/coredns-5d4f7c8b9-abcde', {
    owner: 'ReplicaSet/coredns-5d4f7c8b9',
    labels,
    ready,
    containers: [{ name: 'coredns' }],
    spec: { volumes: [{ name: 'config-volume', configMap: { name: 'coredns' } }] },
  })
  const own =
    replicas === 0 ? [] : [server, endpointSlice('kube-system/kube-dns', [{ pod: 'coredns-5d4f7c8b9-abcde', ready }])]
  const config =
    corefile === undefined ? [] : [thing('v1', 'ConfigMap', 'kube-system/coredns', { data: { Corefile: corefile } })]
  return [
    workload('Deployment', 'kube-system/coredns', { spec: { replicas, template: { metadata: { labels } } } }, replicas),
    service('kube-system/kube-dns', {
      metadata: { labels },
      spec: {
        clusterIP: '10.96.0.10',
        selector: labels,
        ports: [{ name: 'dns', port: 53, targetPort: 53, protocol: 'UDP' }],
      },
    }),
    ...own,
    ...config,
  ]
}

/** A client in the namespace shop that is not ready. */
export const client = pod('shop/web-6c8f7d9b5-abcde', { owner: 'ReplicaSet/web-6c8f7d9b5', ready: false })

/** Its log: lines of the last minutes. */
export function logOf(...lines: readonly string[]): Record<string, string> {
  return { 'shop/web-6c8f7d9b5-abcde/app': lines.map((line, at) => `2026-02-01T11:5${at}:00Z ${line}`).join('\n') }
}

export const LOG_OF_DNS = 'kube-system/coredns-5d4f7c8b9-abcde/coredns'

export const COREFILE =
  '.:53 {\n    errors\n    health\n    kubernetes cluster.local in-addr.arpa ip6.arpa {\n       pods insecure\n    }\n    forward . /etc/resolv.conf\n    cache 30\n    reload\n}\n'
export const UPSTREAM =
  '[ERROR] plugin/errors: 2 api.example.com. A: read udp 10.244.0.2:43210->10.0.0.2:53: i/o timeout'
export const OUTSIDE = 'Error: getaddrinfo EAI_AGAIN api.example.com'
export const INSIDE = 'ERROR dial tcp: lookup db.shop.svc.cluster.local on 10.96.0.10:53: no such host'
export const SLOW = 'ERROR dial tcp: lookup db on 10.96.0.10:53: read udp 10.244.0.9:3333->10.96.0.10:53: i/o timeout'
export const cluster = [client, service('shop/db')]

export const logs = (server: string, ...lines: string[]) => ({
  [LOG_OF_DNS]: `2026-02-01T11:58:00Z ${server}`,
  ...logOf(...lines),
})
