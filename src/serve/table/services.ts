import { at, type KubeObject, list, number, text, texts } from './access.ts'
import { AGE, column, NAME, wide } from './column.ts'
import { compareText, formatLabels } from './labels.ts'
import { shorten } from './shorten.ts'
import { tables } from './table.ts'

/** Services and what is behind them. */
export const services = tables({
  services: [
    NAME,
    column('Type', 'string', (service) => text(service, 'spec', 'type')),
    column('Cluster-IP', 'string', (service) => texts(service, 'spec', 'clusterIPs')[0] ?? '<none>'),
    column('External-IP', 'string', describeExternal),
    column('Port(s)', 'string', (service) => list(service, 'spec', 'ports').map(describePort).join(',') || '<none>'),
    AGE,
    wide('Selector', 'string', (service) => formatLabels(at(service, 'spec', 'selector'))),
  ],
  endpoints: [NAME, column('Endpoints', 'string', describeEndpoints), AGE],
  'endpointslices.discovery.k8s.io': [
    NAME,
    column('AddressType', 'string', (slice) => text(slice, 'addressType')),
    column('Ports', 'string', (slice) => shorten(list(slice, 'ports').map(describeSlicePort), 3) || '<unset>'),
    column('Endpoints', 'string', (slice) => {
      const addresses = list(slice, 'endpoints').flatMap((one) => texts(one, 'addresses'))
      return shorten(addresses, 3) || '<unset>'
    }),
    AGE,
  ],
})

/** Addresses that a load balancer gave, each once and in order; also an ingress's. */
export function describeLoadBalancer(object: KubeObject): string {
  const points = list(object, 'status', 'loadBalancer', 'ingress')
  const addresses = points.map((point) => text(point, 'ip') || text(point, 'hostname')).filter(Boolean)
  return [...new Set(addresses)].sort(compareText).join(',')
}

function describeExternal(service: KubeObject): string {
  const addresses = texts(service, 'spec', 'externalIPs')
  switch (text(service, 'spec', 'type')) {
    case 'ClusterIP':
    case 'NodePort':
      return addresses.join(',') || '<none>'
    case 'LoadBalancer':
      return [describeLoadBalancer(service), ...addresses].filter(Boolean).join(',') || '<pending>'
    case 'ExternalName':
      return text(service, 'spec', 'externalName')
    default:
      return '<unknown>'
  }
}

function describePort(port: unknown): string {
  const nodePort = number(port, 'nodePort')
  const exposed = nodePort > 0 ? `:${nodePort}` : ''
  return `${number(port, 'port')}${exposed}/${text(port, 'protocol')}`
}

function describeSlicePort(port: unknown): string {
  const name = at(port, 'port') ?? at(port, 'name')
  return name === undefined ? '*' : String(name)
}

function describeEndpoints(endpoints: KubeObject): string {
  const subsets = list(endpoints, 'subsets')
  return subsets.length === 0 ? '<none>' : shorten(subsets.flatMap(describeSubset), 3)
}

/** Every address with every port; a headless service may have none. */
function describeSubset(subset: unknown): readonly string[] {
  const addresses = list(subset, 'addresses').map((address) => text(address, 'ip'))
  const ports = list(subset, 'ports').map((port) => number(port, 'port'))
  return ports.length === 0 ? addresses : ports.flatMap((port) => addresses.map((ip) => joinHostPort(ip, port)))
}

function joinHostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
