import type { Incident } from '../incident.ts'
import type { Ref } from '../reference.ts'
import { addressesOf, type Service } from '../service.ts'

/** Finds what names and addresses stand for in a cluster. */
export interface Names {
  /** What a host, seen from a namespace, is: a Service, a Node, a workload by a pod's address, or a Host outside; undefined for the pod itself. */
  resolve(host: string, port: number | undefined, namespace: string | undefined): Ref | undefined
  /** A Service that this host name means, if there is such a Service. */
  serviceOf(host: string, namespace: string | undefined): Ref | undefined
  /** The Service that pods ask for names, for lookups that do not say of what. */
  readonly dns: readonly Ref[]
}

/** `name.namespace.svc`, with the cluster's domain or without, of one pod of it too: `db-0.db.shop.svc.cluster.local`. */
const CLUSTER_NAME = /^(?:[a-z0-9-]+\.)??([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.[a-z0-9.-]+)?\.?$/

/** Collects the names and addresses of Services, pods and nodes. */
export function collectNames(incident: Incident): Names {
  const services = new Set(incident.services.map(({ object }) => `${object.ref.namespace}/${object.ref.name}`))
  const byAddress = Map.groupBy(
    incident.services.flatMap((service) => reachedAt(service).map((address) => ({ address, service }))),
    ({ address }) => address,
  )
  const owners = new Map(
    incident.services.flatMap(({ object }) => addressesOf({ object }).map((address) => [address, object.ref] as const)),
  )
  const nodes = new Map(
    incident.nodes.flatMap((node) => nodeAddresses(node.json).map((address) => [address, node.ref] as const)),
  )
  const pods = new Map(incident.pods.filter(({ ip }) => ip !== '').map((pod) => [pod.ip, pod.workload]))

  function serviceOf(host: string, namespace: string | undefined): Ref | undefined {
    const [, name, space] = CLUSTER_NAME.exec(host) ?? []
    if (name !== undefined && space !== undefined) return serviceRef(space, name)
    const labels = host.replace(/\.$/, '').split('.')
    const candidates = [
      [namespace, labels[0]],
      [labels[1], labels[0]],
      [namespace, labels[1]],
      [labels[2], labels[1]],
    ] as const
    const fitting = [labels.length === 1, labels.length === 2, labels.length === 2, labels.length === 3]
    const found = candidates.find(([space, name], index) => fitting[index] && services.has(`${space}/${name}`))
    return found && serviceRef(found[0] ?? '', found[1] ?? '')
  }

  function resolve(host: string, port: number | undefined, namespace: string | undefined): Ref | undefined {
    const name = host.toLowerCase()
    if (/^(?:localhost|127\.[\d.]+|::1|0\.0\.0\.0|::)$/.test(name)) return undefined
    if (!isAddress(name)) return serviceOf(name, namespace) ?? { kind: 'Host', name }
    const fitting = (byAddress.get(name) ?? []).map(({ service }) => service).filter((one) => hasPort(one, name, port))
    const [only] = fitting
    if (only && fitting.length === 1) return only.object.ref
    return nodes.get(name) ?? pods.get(name) ?? only?.object.ref ?? owners.get(name) ?? { kind: 'Host', name }
  }

  const dns = incident.services
    .filter(({ object }) => object.labels['k8s-app'] === 'kube-dns')
    .map(({ object }) => object.ref)
  return { resolve, serviceOf, dns }
}

/** Whether a host is an IP address of either family. */
export function isAddress(host: string): boolean {
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host) || host.includes(':')
}

/** A host and its port, `db:5432`, `[::1]:80`, `db`; Node writes `::1:80`. */
export function splitTarget(target: string): { host: string; port: number | undefined } {
  const [, bare, ownPort] = /^([\da-f:]*:[\da-f:]*):(\d{4,5})$/.exec(target) ?? []
  if (bare !== undefined && (bare === '::1' || Number(ownPort) > 9999)) return { host: bare, port: Number(ownPort) }
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(target) ?? []
  const host = bracketed ?? plain ?? target
  return { host, port: port === undefined ? undefined : Number(port) }
}

function serviceRef(namespace: string, name: string): Ref {
  return { kind: 'Service', namespace, name }
}

/** The addresses by which a Service is reached: its own, and those of its endpoints. */
function reachedAt(service: Service): readonly string[] {
  return [...new Set([...addressesOf(service), ...service.endpoints.map(({ address }) => address)])]
}

/** The address of a Service answers on its ports, those of its endpoints on the ports of its slices. */
function hasPort({ endpoints, ports }: Service, address: string, port: number | undefined): boolean {
  if (port === undefined) return true
  const endpoint = endpoints.find((one) => one.address === address)
  if (!endpoint) return ports.length === 0 || ports.some((one) => one.port === port)
  const open = endpoint.slice.json.ports
  return !Array.isArray(open) || open.length === 0 || open.some((one) => one?.port === port)
}

function nodeAddresses(json: unknown): readonly string[] {
  const addresses = (json as { status?: { addresses?: unknown } }).status?.addresses
  if (!Array.isArray(addresses)) return []
  return addresses.map((one) => one?.address).filter((one): one is string => typeof one === 'string')
}
