import { cite } from '../citation.ts'
import type { Incident } from '../incident.ts'
import type { Node } from '../node.ts'
import type { RecentChange } from '../recent-change.ts'
import type { Ref } from '../reference.ts'
import { touches } from '../writes.ts'
import { isBornWithCluster } from './creations.ts'
import { isInWindow } from './window.ts'

/** What controllers say of a node that they remove, and of one that stopped answering before it was gone. */
const GONE = new Set([
  'RemovingNode',
  'DeletingNode',
  'NodeNotReady',
  'DisruptionTerminating',
  'Terminating',
  'ScaleDown',
  'TerminationGracePeriodExpiring',
  'SpotInterrupted',
])

/** Nodes that came, were cordoned, or are not there any more. */
export function* findNodeChanges(incident: Incident): Generator<RecentChange> {
  for (const node of incident.nodes) {
    if (isInWindow(incident, node.created) && !isBornWithCluster(incident, node)) yield added(node, node.created)
    const cordoned = node.taints.find(({ key }) => key === 'node.kubernetes.io/unschedulable')
    if (node.unschedulable && isInWindow(incident, cordoned?.added)) yield cordon(node, cordoned.added)
  }
  if (incident.coverage.isComplete('nodes')) yield* removals(incident)
  for (const { at, type, about, citation } of incident.watched)
    if (type === 'DELETED' && about.kind === 'Node')
      yield change('node-removed', about, at, '', {
        fields: [],
        says: `The node ${about.name} was removed while the capture ran.`,
        cites: [citation],
      })
}

function added(node: Node, at: number): RecentChange {
  const group = node.group === '' ? '' : ` of the group ${node.group}`
  return change('node-added', node.ref, at, node.writes[0]?.manager ?? '', {
    fields: [],
    says: `The node ${node.ref.name}${group} joined.`,
    cites: [cite(node, ['metadata', 'creationTimestamp'])],
  })
}

function cordon(node: Node, at: number): RecentChange {
  const by = node.writes.filter((write) => touches(write, 'spec.unschedulable')).at(-1)?.manager ?? ''
  return change('node-cordoned', node.ref, at, by, {
    fields: ['spec.unschedulable'],
    says: `The node ${node.ref.name} was cordoned${by === '' ? '' : ` by ${by}`}.`,
    cites: [cite(node, ['spec', 'unschedulable'])],
  })
}

function* removals(incident: Incident): Generator<RecentChange> {
  const events = incident.events.filter(
    ({ about, reason }) => about.kind === 'Node' && GONE.has(reason) && incident.nodeOf(about.name) === undefined,
  )
  for (const [name, ofNode] of Map.groupBy(events, ({ about }) => about.name)) {
    const event = ofNode.find(({ reason }) => /^(?:Removing|Deleting)Node$/.test(reason)) ?? ofNode.at(-1)
    if (!event || !isInWindow(incident, event.last)) continue
    yield change('node-removed', { kind: 'Node', name }, event.last, event.component, {
      fields: [],
      says: `The node ${name} is not in the cluster any more.`,
      cites: [cite(event.object, ['reason'])],
    })
  }
}

function change(
  what: RecentChange['what'],
  about: Ref,
  at: number,
  by: string,
  rest: Pick<RecentChange, 'fields' | 'says' | 'cites'>,
): RecentChange {
  return { what, about, top: about, at, by, ...rest }
}
