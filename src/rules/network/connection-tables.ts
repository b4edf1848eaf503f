import { atLeastOne, type Citation } from '../../incident/citation.ts'
import { clusterAddresses } from '../../incident/connections/cluster-addresses.ts'
import type { NodeConnections } from '../../incident/connections/connections.ts'
import { citeReading, type Reading } from '../../incident/counters/reading.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf } from '../../incident/reference.ts'
import type { Claim } from '../rule.ts'
import { isAsMuch } from './grown.ts'
import { answerableCalls, unansweredCallsOf, unansweredCallsTo } from './network-sufferers.ts'
import { sufferingOf } from './node-faults.ts'

/** A table of connections that is full or nearly so, by the kernel's own numbers. */
export interface FullTable {
  readonly node: string
  /**
   * dropping: packets of new connections were dropped between the samples. evicting: entries were thrown out for others. full: nothing tells what
   * happens. roomy: nothing happened between the samples.
   */
  readonly state: 'dropping' | 'evicting' | 'full' | 'roomy'
  /** Packets a second that it dropped, or entries that it threw out. */
  readonly rate: number
  readonly says: string
  readonly cites: readonly Citation[]
}

/** From here on the kernel clears away by itself what it may (nf_conntrack_core.c, gc_worker, nf_conntrack_max95). */
const NEARLY_FULL = 0.95

/** What an asked node's table is like; undefined for a node that was not asked, or whose table has room. */
export function fullTable(incident: Incident, name: string): FullTable | undefined {
  const connections = incident.connections.of(name)
  if (!connections) return undefined
  const usage = usageOf(connections)
  const evicted = connections.table.growth('early_drop')
  const dropped = droppedForRoom(connections)
  const isNearlyFull = usage !== undefined && usage.share >= NEARLY_FULL
  // Only a table at its maximum throws anything out; packets are dropped for other reasons as well, where it has room.
  const isEvicting = (evicted?.delta ?? 0) > 0
  if (!isNearlyFull && !isEvicting) return undefined
  const isDropping = dropped !== undefined && dropped.delta > 0
  const grown = isDropping ? dropped : isEvicting ? evicted : undefined
  return {
    node: name,
    state: isDropping ? 'dropping' : isEvicting ? 'evicting' : evicted && dropped ? 'roomy' : 'full',
    rate: grown?.perSecond ?? 0,
    says: [
      ...(usage ? [`${usage.count.value} of ${usage.most.value} connections are kept in mind`] : []),
      ...(isDropping ? [`${dropped.delta} packets were dropped within ${Math.round(dropped.seconds)} s`] : []),
      ...(isEvicting && evicted
        ? [`${evicted.delta} entries were thrown out for others within ${Math.round(evicted.seconds)} s`]
        : []),
      ...tellTalker(incident, connections),
    ].join(', '),
    cites: [...(usage ? [citeReading(usage.count), citeReading(usage.most)] : []), ...(grown?.cites ?? [])],
  }
}

interface TableUsage {
  readonly count: Reading
  readonly most: Reading
  readonly share: number
}

/** In the fuller of the samples. */
function usageOf({ table: { counts, most } }: NodeConnections): TableUsage | undefined {
  const [count] = counts.toSorted((a, b) => b.value - a.value)
  return count && most ? { count, most, share: count.value / most.value } : undefined
}

/** What `drop` counts beyond those that another packet was faster than (nf_conntrack_core.c, nf_ct_resolve_clash counts both). */
function droppedForRoom({ table }: NodeConnections) {
  const dropped = table.growth('drop')
  const failed = table.growth('insert_failed')
  if (!dropped || !failed) return undefined
  const delta = Math.max(0, dropped.delta - failed.delta)
  return { ...dropped, delta, perSecond: delta / dropped.seconds }
}

/** Who opened half of them or more. */
function tellTalker(incident: Incident, { summary }: NodeConnections): readonly string[] {
  const [first] = summary?.sources ?? []
  if (!summary || !first || first.entries < summary.entries / 2) return []
  const owner = clusterAddresses(incident).ownerOf(first.address)
  return [`${Math.round((100 * first.entries) / summary.entries)} % of them by ${owner?.name ?? first.address}`]
}

/** An asked node that drops or throws out as much, and where nobody suffers: then it is not that alone. */
export function equallyFull(incident: Incident, { node, state, rate }: FullTable): FullTable | undefined {
  return incident.connections.nodes
    .filter((other) => other.node !== node && sufferingOf(incident, other.node).refs.length === 0)
    .flatMap((other) => fullTable(incident, other.node) ?? [])
    .find((other) => other.state === state && isAsMuch(other.rate, rate))
}

/** Whether a pod of the node says itself that nobody answers it, or somebody says so of a pod of the node, and there is somebody who could. */
export function hasOwnCalls(incident: Incident, node: string): boolean {
  const isCalling = incident.podsOn(node).some((pod) => unansweredCallsOf(incident, pod).length > 0)
  return (isCalling || unansweredCallsTo(incident, node).length > 0) && answerableCalls(incident, node).length > 0
}

/** A pod of the same workload on an asked node whose table has room, and that gets no answer from the same target either. */
export function sufferingElsewhere(incident: Incident, node: string): readonly Claim[] {
  const served = new Set(unansweredCallsTo(incident, node).map(({ from }) => keyOf(from)))
  const targets = new Map(
    incident.podsOn(node).map((pod) => [keyOf(pod.workload), new Set(targetsOf(incident, pod))] as const),
  )
  for (const pod of incident.pods) {
    const key = keyOf(pod.workload)
    const isControl = pod.node !== node && !served.has(key) && hasRoom(incident, pod.node)
    const call = isControl && unansweredCallsOf(incident, pod).find(({ target }) => targets.get(key)?.has(target))
    if (!call) continue
    const says = `${pod.ref.name} on ${pod.node}, whose table has room, gets no answer from ${call.target} either.`
    return [{ says, cites: atLeastOne([call.citation]) }]
  }
  return []
}

function targetsOf(incident: Incident, pod: Pod): readonly string[] {
  return unansweredCallsOf(incident, pod).map(({ target }) => target)
}

function hasRoom(incident: Incident, node: string): boolean {
  const { table } = incident.connections.of(node) ?? {}
  return table !== undefined && table.counts.length > 0 && fullTable(incident, node) === undefined
}
