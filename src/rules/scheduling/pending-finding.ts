import { atLeastOne, type Citation } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { UnschedulableKind } from '../../incident/messages/unschedulable.ts'
import type { Pending, PendingGroup } from '../../incident/pending.ts'
import { countNodes, reasonsOf } from '../../incident/pending.ts'
import type { Claim, Finding, Strength } from '../rule.ts'

/** Reasons that the scheduler looks at last: a node that is counted for one of them has passed taints, labels and names. */
const LATE: readonly UnschedulableKind[] = [
  'insufficient',
  'too-many-pods',
  'host-ports',
  'volume-node-affinity',
  'volume-limit',
  'volume-binding',
  'volume-in-use',
  'topology-spread',
  'pod-affinity',
  'pod-anti-affinity',
]

/** How many nodes are counted for reasons that come after taints and labels. */
export function countLate(pending: Pending): number {
  return countNodes(reasonsOf(pending, ...LATE))
}

/** The pod of a group that the scheduler says something of these kinds about. */
export function pendingFor({ pods }: PendingGroup, ...kinds: readonly UnschedulableKind[]): Pending | undefined {
  return pods.find((one) => reasonsOf(one, ...kinds).length > 0)
}

/** What every finding about pods without a node has in common. */
export function findPending(
  { workload, pods, since }: PendingGroup,
  pending: Pending,
  rest: {
    kind: Finding['kind']
    strength: Strength
    says: string
    cites?: readonly Citation[]
    against?: readonly Claim[]
  },
): Finding {
  return {
    subject: workload,
    from: since,
    ...rest,
    cites: atLeastOne([pending.citation, ...(rest.cites ?? [])].slice(0, 5)),
    affects: pods.map(({ pod }) => pod.ref),
  }
}

/** `1 pod of web`, `3 pods of web`. */
export function countOf({ workload, pods }: PendingGroup): string {
  return `${pods.length} pod${pods.length === 1 ? '' : 's'} of ${workload.name}`
}

/** `1 node`, `3 nodes`. */
export function nodes(count: number): string {
  return `${count} node${count === 1 ? '' : 's'}`
}

/** Time that a new node needs until it takes pods, as a rule (EC2 start, kubelet, CNI). */
const NODE_START_MS = 5 * 60_000

/** What speaks against a lack of nodes: an autoscaler has just promised one. */
export function promisesOfNodes(incident: Incident, { pods }: PendingGroup): readonly Claim[] {
  const names = new Set(pods.map(({ pod }) => pod.ref.name))
  const promise = incident
    .said('ca-triggered-scale-up', 'karpenter-nominated')
    .filter(({ about, last }) => names.has(about.name) && incident.now - (last ?? 0) < NODE_START_MS)
    .at(-1)
  return promise ? [{ says: 'An autoscaler is starting a node for it.', cites: [promise.citation] }] : []
}
