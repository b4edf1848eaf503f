import type { Citation } from '../citation.ts'
import type { Incident } from '../incident.ts'
import { listAt, textAt } from '../kubernetes.ts'
import { onceFor } from '../once-for.ts'
import type { Pod } from '../pod.ts'
import { keyOf, type Ref } from '../reference.ts'
import { clusterAddresses } from './cluster-addresses.ts'
import { type ConnectionSummary, citeEntries, type Pair } from './connection-summary.ts'
import { type NodeConnections, portsOfRange } from './connections.ts'

/** How many local ports one source has in use for connections of TCP to one target, by what its node keeps in mind. */
export interface PortUse {
  /** The pod, or the node for whatever runs with its address. */
  readonly owner: Ref
  readonly node: string
  readonly address: string
  readonly port: number | undefined
  /** An entry is kept for two minutes after the connection was closed, its port for one at most: not all of these need be taken. */
  readonly used: number
  /** How many there are to take. */
  readonly ports: number
  /** Which part of the connections to that target is closing. */
  readonly closing: number
  readonly cites: readonly Citation[]
}

/** Linux takes them from 32768 to 60999 (net/ipv4/af_inet.c, inet_init_net), in each network namespace anew. */
export const DEFAULT_PORTS = 28_232

/** Who opened the most connections to one target, on the nodes that were asked; the most first. */
export const portUses = onceFor((incident: Incident): readonly PortUse[] =>
  incident.connections.nodes
    .flatMap((from) => (from.summary?.pairs ?? []).flatMap((pair) => readUse(incident, from, pair) ?? []))
    .toSorted((a, b) => b.used / b.ports - a.used / a.ports),
)

/** The most that a pod has to one target; undefined where its node was not asked, or need not have told. */
export function mostPortsOf(incident: Incident, pod: Pod): PortUse | undefined {
  const { summary } = incident.connections.of(pod.node) ?? {}
  const owner = clusterAddresses(incident).ownerOf(pod.ip)
  if (!owner || !summary || !tellsAllOf(summary)) return undefined
  return portUses(incident).find((one) => one.node === pod.node && keyOf(one.owner) === keyOf(owner))
}

/** Pairs are listed from the most on: who is not there has fewer than the last. */
function tellsAllOf({ whole, listsAllPairs, pairs }: ConnectionSummary): boolean {
  return whole && (listsAllPairs || (pairs.at(-1)?.entries ?? 0) < DEFAULT_PORTS / 10)
}

/** Only where the source is: the node of the target keeps the same connection in mind. */
function readUse(incident: Incident, from: NodeConnections, pair: Pair): PortUse | undefined {
  const { podAt, ownerOf } = clusterAddresses(incident)
  const pod = podAt(pair.address)
  const owner = ownerOf(pair.address)
  const isHere = (pod?.node ?? owner?.name) === from.node
  if (!owner || !isHere || pair.protocol !== 'tcp') return undefined
  const target = from.summary?.targets.find(
    ({ protocol, address, port }) => protocol === 'tcp' && address === pair.target && port === pair.port,
  )
  return {
    owner,
    node: from.node,
    address: pair.target,
    port: pair.port,
    used: pair.entries,
    ports: (pod ? portsOfPod(pod) : from.localPorts) ?? DEFAULT_PORTS,
    closing: target && target.entries > 0 ? target.waiting / target.entries : 0,
    cites: from.summary ? [citeEntries(from.summary, pair)] : [],
  }
}

/** A range that the pod asks for itself (core/v1, PodSecurityContext.sysctls). */
function portsOfPod({ json }: Pod): number | undefined {
  const own = listAt(json, 'spec', 'securityContext', 'sysctls').find(
    (one) => textAt(one, 'name') === 'net.ipv4.ip_local_port_range',
  )
  return portsOfRange(textAt(own, 'value'))
}
