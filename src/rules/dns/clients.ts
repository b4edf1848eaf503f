import type { Citation } from '../../incident/citation.ts'
import { clusterDns } from '../../incident/cluster-dns.ts'
import { readDnsName } from '../../incident/dns-name.ts'
import { hasNoReadyEndpoint } from '../../incident/endpoints.ts'
import { type FailedLookup, failedLookups } from '../../incident/failed-lookup.ts'
import type { Incident } from '../../incident/incident.ts'
import { listAt, textAt } from '../../incident/kubernetes.ts'
import { isOnHostNetwork, type Pod } from '../../incident/pod.ts'
import { type Ref, uniqueRefs } from '../../incident/reference.ts'
import { sufferersOf } from '../../incident/sufferers.ts'

/** Lookups that did not fail for want of the name: of Services that exist, of names outside, and whatever got no answer. */
export function lookupsInVain(incident: Incident): readonly FailedLookup[] {
  return failedLookups(incident).filter((one) => asksTheCluster(incident, one) && !isMissing(incident, one))
}

/** Lookups of Services that exist. */
export function lookupsOfServices(incident: Incident): readonly FailedLookup[] {
  return lookupsInVain(incident).filter((one) => nameOf(incident, one).found !== undefined)
}

/** Lookups of names outside of the cluster that may exist: what the servers answer that there is no such host is not among them. */
export function lookupsOutside(incident: Incident): readonly FailedLookup[] {
  return lookupsInVain(incident).filter((one) => nameOf(incident, one).kind === 'outside')
}

/** What the name of a lookup stands for. */
export function nameOf(incident: Incident, { name, workload, pod }: FailedLookup) {
  return readDnsName(incident, name, pod?.ref.namespace ?? workload.namespace ?? '')
}

/** A name that no Service has, a host outside that does not exist, a headless Service without a ready pod: names fail, and DNS is well. */
function isMissing(incident: Incident, lookup: FailedLookup): boolean {
  const { kind, found } = nameOf(incident, lookup)
  if (!found) return kind !== 'outside' || lookup.how === 'absent'
  return textAt(found.object.json, 'spec', 'clusterIP') === 'None' && hasNoReadyEndpoint(found)
}

/** Resolvers of the clouds: Amazon's (…253), and Google's metadata server (…254), which is also Cloud DNS for GKE. */
const OF_CLOUD = '169.254.169.'

/** A lookup at a server of its own choice says nothing of the cluster's; one at the cache of the node (169.254.20.10) does. */
function asksTheCluster(incident: Incident, { server, pod }: FailedLookup): boolean {
  if (pod && asksElsewhere(incident, pod)) return false
  const { addresses } = clusterDns(incident)
  const isOwn = addresses.size > 0 ? addresses.has(server) : isOfServices(incident, server)
  return server === '' || isOwn || isNodeCache(server)
}

/** Whether an address lies among those of Services, none of which has it: where their range begins alike, it was one. */
function isOfServices({ services }: Incident, server: string): boolean {
  const range = (address: string) => address.split('.').slice(0, 2).join('.')
  const taken = services.map(({ object }) => textAt(object.json, 'spec', 'clusterIP')).filter((one) => /^\d/.test(one))
  return !taken.includes(server) && taken.some((one) => range(one) === range(server))
}

function isNodeCache(server: string): boolean {
  return server.startsWith('169.254.') && !server.startsWith(OF_CLOUD)
}

/** Whether the resolver of a pod is not the cluster's: that of its node (core/v1, DNSPolicy), or one that its spec names. */
export function asksElsewhere(incident: Incident, { json }: Pod): boolean {
  const policy = textAt(json, 'spec', 'dnsPolicy')
  if (policy === 'None') return asksOthers(incident, listAt(json, 'spec', 'dnsConfig', 'nameservers'))
  return policy === 'Default' || (policy === 'ClusterFirst' && isOnHostNetwork({ json }))
}

/** Servers of which none is the cluster's, as far as its addresses are known, or a cache on the node. */
function asksOthers(incident: Incident, servers: readonly unknown[]): boolean {
  const { addresses } = clusterDns(incident)
  if (servers.length === 0 || addresses.size === 0) return false
  return servers.every((one) => typeof one === 'string' && !addresses.has(one) && !isNodeCache(one))
}

/** Whoever asks in vain: pods, workloads and the Services before them. */
export function clientsOf(incident: Incident, lookups: readonly FailedLookup[]): readonly Ref[] {
  const pods = lookups.flatMap(({ pod }) => pod ?? [])
  const workloads = lookups.map(({ workload }) => workload)
  return uniqueRefs([...workloads, ...sufferersOf(incident, pods)])
}

/** How many workloads ask in vain. */
export function countClients(lookups: readonly FailedLookup[]): number {
  return uniqueRefs(lookups.map(({ workload }) => workload)).length
}

/** Places of lookups, of different workloads first. */
export function citeLookups(lookups: readonly FailedLookup[], most = 2): readonly Citation[] {
  const byWorkload = Map.groupBy(lookups, ({ workload }) => `${workload.namespace}/${workload.name}`)
  return [...byWorkload.values()]
    .flatMap((same) => same.slice(0, 1))
    .slice(0, most)
    .map(({ citation }) => citation)
}

/** The name servers themselves: Services, workloads and pods. */
export function serverRefs(incident: Incident): readonly Ref[] {
  const { services, workloads, pods } = clusterDns(incident)
  return uniqueRefs([
    ...services.map(({ object }) => object.ref),
    ...workloads.map(({ ref }) => ref),
    ...pods.map(({ ref }) => ref),
  ])
}

/** What the name servers are run by; the usual name where nothing of them is in the bundle. */
export function dnsWorkload(incident: Incident): Ref {
  const { workloads, pods } = clusterDns(incident)
  return workloads[0]?.ref ?? pods[0]?.workload ?? { kind: 'Deployment', namespace: 'kube-system', name: 'coredns' }
}
