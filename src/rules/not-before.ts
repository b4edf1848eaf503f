import type { Incident } from '../incident/incident.ts'
import { earliest } from '../incident/telling.ts'
import type { NodeGroup } from './group-by-node.ts'
import { firstOf } from './recency.ts'
import { TELLING } from './suffering.ts'

/**
 * When a fault of a node that was told first at a moment cannot have begun yet; undefined where it may have come and gone before: the node was
 * not ready earlier, its events are not in the bundle, or only a log speaks of it, whose head is cut.
 */
export function nodeNotBefore(incident: Incident, node: string, told: number | undefined): number | undefined {
  const events = incident.coverage.isComplete('events')
  return told === undefined || !events || wasIllBefore(incident, node, told) ? undefined : told - TELLING
}

/** The same of what components said of a node. */
export function groupNotBefore(incident: Incident, { ref, said }: Pick<NodeGroup, 'ref' | 'said'>): number | undefined {
  if (said.some(({ source }) => source === 'log')) return undefined
  return nodeNotBefore(incident, ref.name, earliest(said.map((one) => firstOf(incident, one))))
}

function wasIllBefore({ saidAbout }: Incident, name: string, told: number): boolean {
  return saidAbout({ kind: 'Node', name }).some(
    ({ id, first }) =>
      (id === 'node-not-ready' || id === 'node-ready') && first !== undefined && first < told - TELLING,
  )
}
