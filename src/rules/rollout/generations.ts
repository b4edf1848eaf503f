import type { Incident } from '../../incident/incident.ts'
import { textAt } from '../../incident/kubernetes.ts'
import type { Pod } from '../../incident/pod.ts'
import { earliest } from '../../incident/telling.ts'
import type { Revision, Workload } from '../../incident/workload.ts'
import { justStarts } from './just-starts.ts'
import { isStillSick } from './served.ts'

/** The newest generation of a workload's template beside the older ones, with what became of their pods. */
export interface Generations {
  readonly workload: Workload
  readonly newest: readonly Pod[]
  readonly older: readonly Pod[]
  /** When the newest generation was made, or its first pod. */
  readonly since: number
  /** Of the newest and of the older: those that something is wrong with. */
  readonly sick: readonly Pod[]
  readonly olderSick: readonly Pod[]
  /** Older pods that serve. */
  readonly olderWell: readonly Pod[]
}

/** Tells the newest generation of a Deployment, StatefulSet or DaemonSet from the older ones; undefined where there are no pods of it. */
export function generationsOf(incident: Incident, workload: Workload): Generations | undefined {
  const name = newestName(workload)
  if (name === '') return undefined
  const pods = workload.pods.filter(({ deleted, phase }) => deleted === undefined && phase !== 'Succeeded')
  const newest = pods.filter((pod) => generationOf(workload, pod) === name)
  const older = pods.filter((pod) => generationOf(workload, pod) !== name)
  const made = madeAt(workload, name) ?? earliest(newest.map(({ created }) => created))
  if (newest.length === 0 || made === undefined) return undefined
  return {
    workload,
    newest,
    older,
    since: rolledBack(workload) ?? made,
    sick: newest.filter((pod) => isStillSick(incident, pod) && !justStarts(incident, pod, older)),
    olderSick: older.filter((pod) => isStillSick(incident, pod)),
    olderWell: older.filter((pod) => pod.ready && !isStillSick(incident, pod)),
  }
}

/** Pods of older generations that something is wrong with, also where there is none of the newest yet. */
export function sickOfOlder(incident: Incident, workload: Workload): readonly Pod[] {
  const name = newestName(workload)
  return workload.pods.filter(
    (pod) =>
      name !== '' && pod.deleted === undefined && generationOf(workload, pod) !== name && isStillSick(incident, pod),
  )
}

/** When the newest generation was made; a revision that is gone back to keeps its time, so that of its first pod counts. */
function madeAt(workload: Workload, name: string): number | undefined {
  const set = newestSet(workload)?.object.created
  if (set !== undefined) return set
  const revision = revisionOf(workload, name)
  return revision !== undefined && revision === workload.revisions.at(-1) && isOfOwnTime(workload, revision)
    ? revision.object.created
    : undefined
}

/** Whether no revision with a lower number was made later: a number is raised when its template comes back. */
function isOfOwnTime({ revisions }: Workload, { object }: Revision): boolean {
  return revisions.every((one) => (one.object.created ?? 0) <= (object.created ?? 0))
}

/** The revision that pods with this hash are of. */
export function revisionOf({ revisions }: Workload, hash: string): Revision | undefined {
  return revisions.find(({ templateHash }) => templateHash === hash)
}

/** Whether a workload of this kind runs in generations at all. */
export function isRolledOut({ ref }: Workload): boolean {
  return ['Deployment', 'StatefulSet', 'DaemonSet', 'Rollout'].includes(ref.kind)
}

/** The ReplicaSet of a pod, or its revision where the workload has none; Argo's Rollouts label neither pods nor ReplicaSets as Deployments do. */
export function generationOf({ replicaSets }: Workload, { ownerRef, templateHash }: Pod): string {
  return replicaSets.length > 0 ? (ownerRef?.name ?? '') : templateHash
}

/** The newest ReplicaSet that is to have pods: one that was made a moment ago has none yet. */
export function newestSet({ replicaSets }: Pick<Workload, 'replicaSets'>): Workload['replicaSets'][number] | undefined {
  return replicaSets.findLast(({ desired }) => desired > 0) ?? replicaSets.at(-1)
}

/** The ReplicaSets that were made before another one. */
export function setsBefore({ replicaSets }: Workload, one: Workload['replicaSets'][number]): Workload['replicaSets'] {
  return replicaSets.slice(0, replicaSets.indexOf(one))
}

function newestName({ object, replicaSets, revisions, pods }: Workload): string {
  const newest = newestSet({ replicaSets })
  if (newest) return newest.object.ref.name
  const update = textAt(object?.json, 'status', 'updateRevision')
  if (update !== '') return update
  const revision = revisions.at(-1)
  if (revision) return revision.templateHash
  const latest = [...pods].sort((a, b) => (a.created ?? 0) - (b.created ?? 0)).at(-1)
  return latest?.templateHash ?? ''
}

/** A template that is gone back to keeps its old ReplicaSet: the rollout is when the Deployment last got on. */
function rolledBack(workload: Workload): number | undefined {
  const newest = newestSet(workload)
  if (!newest) return undefined
  const first = earliest(
    workload.pods.filter((pod) => generationOf(workload, pod) === newest.object.ref.name).map(({ created }) => created),
  )
  return first !== undefined &&
    newest.object.created !== undefined &&
    first - newest.object.created > 24 * 60 * 60 * 1000
    ? first
    : undefined
}
