import { conditionOf } from './condition.ts'
import type { Incident } from './incident.ts'
import { listAt, textAt } from './kubernetes.ts'
import { type Pod, waitsForNode } from './pod.ts'
import { latest } from './telling.ts'

/** The pods that wait for one scheduler, which has not looked at any of them. */
export interface UnseenPods {
  readonly scheduler: string
  readonly pods: readonly [Pod, ...Pod[]]
  /** When a pod got its node from this scheduler last. */
  readonly bound: number | undefined
}

/** What a pod is scheduled by that names nobody (k8s.io/api/core/v1, DefaultSchedulerName). */
export const DEFAULT_SCHEDULER = 'default-scheduler'

/** A scheduler tries a new pod within seconds, and notes in PodScheduled what it found (pkg/scheduler/schedule_one.go, handleSchedulingFailure). */
const PATIENCE = 2 * 60 * 1000

/** Lists pods that no scheduler has looked at, by the scheduler that they ask for. Those that were made before it gave another its node wait in its queue. */
export function listUnseen(incident: Incident): readonly UnseenPods[] {
  const groups = Map.groupBy(
    incident.pods.filter((pod) => isUnseen(incident, pod)),
    schedulerOf,
  )
  return [...groups].flatMap(([scheduler, members]) => {
    const bound = lastBound(incident, scheduler)
    const [first, ...rest] = members.filter(({ created = 0 }) => bound === undefined || created > bound - QUEUE)
    return first ? [{ scheduler, pods: [first, ...rest] as const, bound }] : []
  })
}

/** The order in the queue is by priority, then by age: some pods are overtaken. */
const QUEUE = 60 * 1000

function isUnseen(incident: Incident, pod: Pod): boolean {
  const { created, conditions, json, ref } = pod
  if (!waitsForNode(pod) || created === undefined || incident.start - created < PATIENCE) return false
  if (conditionOf(conditions, 'PodScheduled') || listAt(json, 'spec', 'schedulingGates').length > 0) return false
  const scheduler = schedulerOf(pod)
  return !incident
    .eventsAbout(ref)
    .some(({ reason, component }) => component === scheduler || /^(?:FailedScheduling|Scheduled)$/.test(reason))
}

/** The scheduler that a pod asks for. */
export function schedulerOf({ json }: Pod): string {
  return textAt(json, 'spec', 'schedulerName') || DEFAULT_SCHEDULER
}

/** By the conditions of pods, and by its events, of pods that are gone too. Pods that nobody owns, or a node does, were given their node by hand. */
function lastBound({ pods, eventsOf }: Incident, scheduler: string): number | undefined {
  const owned = pods.filter(({ ownerRef }) => ownerRef !== undefined && ownerRef.kind !== 'Node')
  return latest([
    ...owned
      .filter((pod) => schedulerOf(pod) === scheduler)
      .map(({ conditions }) => conditionOf(conditions, 'PodScheduled'))
      .map((condition) => (condition?.status === 'True' ? condition.since : undefined)),
    ...eventsOf('Scheduled')
      .filter(({ component }) => component === scheduler)
      .map(({ last }) => last),
  ])
}
