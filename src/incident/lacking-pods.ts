import { conditionOf } from './condition.ts'
import type { Incident } from './incident.ts'
import { isTrueAt, numberAt, textAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import { onceFor } from './once-for.ts'
import { isAlive, type Pod } from './pod.ts'
import { keyOf, type Ref } from './reference.ts'
import { latest } from './telling.ts'
import type { Workload } from './workload.ts'

/** A workload that wants more pods than there are, by its own count too, and not only since a moment: nobody makes them. */
export interface Lacking {
  readonly workload: Ref
  /** Whose count is short: a ReplicaSet, where these were captured; else the workload. */
  readonly object: KubeObject
  readonly desired: number
  readonly alive: number
}

/** A workload gets its pods within seconds; a controller that is behind needs a while. */
const PATIENCE = 2 * 60 * 1000

const KINDS = new Set(['Deployment', 'StatefulSet', 'DaemonSet'])

/** Lists the workloads that lack pods of which there is not even a Pending one. Events and conditions that say why expire, or never were. */
export const findLacking = onceFor((incident: Incident): readonly Lacking[] => {
  return incident.workloads.flatMap((workload) => {
    const { ref, object } = workload
    if (!object || !KINDS.has(ref.kind) || object.deleted !== undefined || isTrueAt(object.json, 'spec', 'paused'))
      return []
    if (!incident.coverage.isComplete('pods', ref.namespace)) return []
    return holdersOf(incident, workload, object).flatMap((holder) => lackingOf(incident, workload, holder) ?? [])
  })
})

/** Whose pods are counted: of a Deployment that has any, each generation by itself, for a rollout keeps fewer of the old ones. */
function holdersOf({ coverage }: Incident, { ref, replicaSets, pods }: Workload, object: KubeObject): KubeObject[] {
  if (ref.kind !== 'Deployment' || pods.filter(isAlive).length === 0) return [object]
  if (coverage.isComplete('replicasets.apps', ref.namespace)) return replicaSets.map((one) => one.object)
  const [all, updated] = ['replicas', 'updatedReplicas'].map((field) => numberAt(object.json, 'status', field))
  return all === updated ? [object] : []
}

function lackingOf(incident: Incident, { ref, desired, pods }: Workload, object: KubeObject): Lacking | undefined {
  const isSet = object.ref.kind === 'ReplicaSet'
  const wanted = isSet ? numberAt(object.json, 'spec', 'replicas') : desired
  const own = isSet ? pods.filter(({ ownerRef }) => ownerRef && keyOf(ownerRef) === keyOf(object.ref)) : pods
  const alive = own.filter(isAlive)
  if (wanted === undefined || alive.length >= wanted || countedBy(object) >= wanted) return undefined
  if (own.some((pod) => holdsItsPlace(object, pod)) || waitsForItsOwn(object, alive)) return undefined
  return isStanding(incident, object, own) ? { workload: ref, object, desired: wanted, alive: alive.length } : undefined
}

/** A pod on its way out, whose successor waits until it is gone: the name is taken, or the strategy says so. */
function holdsItsPlace({ ref, json }: KubeObject, { deleted }: Pod): boolean {
  if (deleted === undefined) return false
  return ref.kind !== 'Deployment' || textAt(json, 'spec', 'strategy', 'type') === 'Recreate'
}

/** How many its controller has counted; what it has not seen yet says nothing. */
function countedBy({ ref, json }: KubeObject): number {
  const isObserved = numberAt(json, 'status', 'observedGeneration') === numberAt(json, 'metadata', 'generation')
  const field = ref.kind === 'DaemonSet' ? 'currentNumberScheduled' : 'replicas'
  return isObserved || ref.kind === 'ReplicaSet' ? (numberAt(json, 'status', field) ?? 0) : Number.POSITIVE_INFINITY
}

/** A StatefulSet makes its next pod when those before are ready (podManagementPolicy OrderedReady). */
function waitsForItsOwn({ ref, json }: KubeObject, alive: readonly Pod[]): boolean {
  if (ref.kind !== 'StatefulSet' || textAt(json, 'spec', 'podManagementPolicy') === 'Parallel') return false
  return alive.some(({ ready }) => !ready)
}

/** Nothing was written to it, it was not scaled, and no pod of it was made, since a while. */
function isStanding(incident: Incident, { ref, created, writes }: KubeObject, pods: readonly Pod[]): boolean {
  const scaled = incident.changes.filter(({ what, about }) => what === 'scale' && keyOf(about) === keyOf(ref))
  const moved = latest([created, ...[...writes, ...scaled].map(({ at }) => at), ...pods.map((pod) => pod.created)])
  return incident.now - (moved ?? 0) > PATIENCE
}

/** Whether somebody says why its pods are refused: who does knows it better than what is concluded from counts. */
export function isRefusalTold(incident: Incident, { workload, object }: Lacking): boolean {
  const isFailed = (ref: Ref) => incident.eventsAbout(ref).some(({ reason }) => reason === 'FailedCreate')
  const failure = conditionOf(incident.workloadOf(workload)?.conditions ?? [], 'ReplicaFailure')
  return failure?.status === 'True' || isFailed(workload) || isFailed(object.ref)
}
