import { type Citation, cite } from './citation.ts'
import { conditionOf } from './condition.ts'
import { type Fit, fitsOf } from './fit.ts'
import type { Incident } from './incident.ts'
import { parseUnschedulable, type Unschedulable, type UnschedulableReason } from './messages/unschedulable.ts'
import type { Pod } from './pod.ts'
import { keyOf, type Ref } from './reference.ts'

/** A pod that no node takes, with what the scheduler says of it. */
export interface Pending {
  readonly pod: Pod
  readonly since: number | undefined
  /** Taken apart; undefined where nothing of the scheduler was captured. */
  readonly said: Unschedulable | undefined
  /** The whole text, and where it stands. */
  readonly text: string
  readonly citation: Citation
}

/** The pods of one workload that no node takes. */
export interface PendingGroup {
  readonly workload: Ref
  readonly pods: readonly [Pending, ...Pending[]]
  readonly since: number | undefined
}

/** A new pod waits this long for the scheduler's next round, or for a node that is just being started. */
const PATIENCE_MS = 30_000

/** Lists the pods that wait for a node now, by workload. Pods that somebody gated on purpose wait for no node. */
export function listPending(incident: Incident): readonly PendingGroup[] {
  const found = incident.pods.filter((pod) => waits(incident, pod)).map((pod) => readPending(incident, pod))
  return [...Map.groupBy(found, ({ pod }) => keyOf(pod.workload))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, members]) => {
      const pods = members as [Pending, ...Pending[]]
      const times = pods.map(({ since }) => since).filter((at) => at !== undefined)
      return { workload: pods[0].pod.workload, pods, since: times.length > 0 ? Math.min(...times) : undefined }
    })
}

function waits({ now }: Incident, { node, phase, deleted, conditions, created }: Pod): boolean {
  if (node !== '' || phase !== 'Pending' || deleted !== undefined) return false
  return now - (created ?? 0) >= PATIENCE_MS && conditionOf(conditions, 'PodScheduled')?.reason !== 'SchedulingGated'
}

/** Its condition is what holds now; an event may be older. */
function readPending(incident: Incident, pod: Pod): Pending {
  const condition = conditionOf(pod.conditions, 'PodScheduled')
  const since = condition?.since ?? pod.created
  if (condition && condition.message !== '') {
    const citation = cite(pod, [...condition.path, 'message'])
    return { pod, since, said: parseUnschedulable(condition.message), text: condition.message, citation }
  }
  for (const event of [...incident.eventsAbout(pod.ref)].reverse()) {
    const said = event.reason === 'FailedScheduling' ? parseUnschedulable(event.message) : undefined
    if (!said) continue
    const citation = cite(event.object, ['message' in event.object.json ? 'message' : 'note'])
    return { pod, since, said, text: event.message, citation }
  }
  return { pod, since, said: undefined, text: '', citation: cite(pod, ['status', 'phase']) }
}

/** The reasons of a kind that the scheduler counts for a pod. */
export function reasonsOf(
  { said }: Pending,
  ...kinds: readonly UnschedulableReason['kind'][]
): readonly UnschedulableReason[] {
  return said?.reasons.filter(({ kind }) => kinds.includes(kind)) ?? []
}

/** How many nodes the scheduler counts for reasons. */
export function countNodes(reasons: readonly UnschedulableReason[]): number {
  return reasons.reduce((sum, { count }) => sum + count, 0)
}

/** Taints of nodes that are there for the cluster itself, and never meant for workloads. */
const CONTROL_PLANE = /^node-role\.kubernetes\.io\/(?:control-plane|controlplane|master|etcd)$/

/** Whether a node is one of the control plane that takes no workloads. */
export function isControlPlane({ node }: Fit): boolean {
  return node.taints.some(({ key, effect }) => CONTROL_PLANE.test(key) && effect !== 'PreferNoSchedule')
}

/** The nodes that only these kinds of misfit keep a pod off: what would take it without. */
export function nodesKeptBy(
  incident: Incident,
  { pod }: Pending,
  ...kinds: readonly Fit['misfits'][number]['kind'][]
): readonly Fit[] {
  return fitsOf(incident, pod).filter(
    ({ misfits }) => misfits.length > 0 && misfits.every(({ kind }) => kinds.includes(kind)),
  )
}

/** How a pod's nodes come together: `2 nodes have …, 1 node …`, by what keeps it off each. */
export function describeFits(incident: Incident, { pod }: Pending): string {
  const first = fitsOf(incident, pod).map(({ misfits }) => misfits[0]?.says ?? 'would fit by requests and labels')
  const counted = [...Map.groupBy(first, (says) => says)].sort((a, b) => b[1].length - a[1].length)
  return counted
    .slice(0, 3)
    .map(([says, nodes]) => `${nodes.length === 1 ? '1 node' : `${nodes.length} nodes, each`} ${says}`)
    .join('; ')
}
