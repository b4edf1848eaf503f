import type { Incident } from '../../incident/incident.ts'
import { keyOf } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { isCurrent } from '../recency.ts'

/** Probes that were answered too late within the hour: connected, but no answer in time. One that cannot connect is of the network. */
export function probeTimeouts(incident: Incident): readonly Said[] {
  return incident
    .said('probe-timed-out')
    .filter((said) => said.values.unconnected === undefined && said.source === 'event' && isCurrent(incident, said))
}

/** What is said of late probes, by node and key of the workload. */
export type SlowWorkloads = ReadonlyMap<string, ReadonlyMap<string, readonly Said[]>>

/** The workloads whose probes time out on each node. */
export function slowWorkloadsByNode(incident: Incident): SlowWorkloads {
  const byNode = Map.groupBy(probeTimeouts(incident), ({ about }) => incident.podOf(about)?.node ?? '')
  byNode.delete('')
  const nodes = [...byNode].sort(([a], [b]) => (a < b ? -1 : 1))
  return new Map(
    nodes.map(([node, said]) => [node, Map.groupBy(said, ({ about }) => keyOf(incident.topOf(about)))] as const),
  )
}
