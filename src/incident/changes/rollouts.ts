import { cite } from '../citation.ts'
import type { Incident } from '../incident.ts'
import { type Json, recordAt, textAt, timeAt } from '../kubernetes.ts'
import type { KubeObject } from '../object.ts'
import type { RecentChange } from '../recent-change.ts'
import { describeRef } from '../reference.ts'
import type { ReplicaSet, Workload } from '../workload.ts'
import { citeWrite } from '../write-citation.ts'
import { touches, type Write } from '../writes.ts'
import { isDeliberate } from './manager.ts'
import { isInWindow, recentWrites } from './window.ts'

/** A write of the template and the ReplicaSet that the controller makes of it are this far apart at most. */
export const ROLLOUT_LAG_MS = 60_000

const RESTARTED = 'kubectl.kubernetes.io/restartedAt'

/** New templates: of a Deployment each new ReplicaSet, and the return to an old one; of other kinds by who wrote the template. */
export function* findRollouts(incident: Incident): Generator<RecentChange> {
  for (const workload of incident.workloads) {
    if (workload.object === undefined) continue
    if (workload.replicaSets.length > 0) yield* rolloutsOfReplicaSets(incident, workload, workload.object)
    else yield* rolloutsOfRevisions(incident, workload, workload.object)
  }
}

function* rolloutsOfReplicaSets(
  incident: Incident,
  { ref, replicaSets }: Workload,
  object: KubeObject,
): Generator<RecentChange> {
  for (const [index, current] of replicaSets.entries()) {
    const { created } = current.object
    const isFirst = index === 0 && isNear(object.created, created ?? 0)
    if (!isInWindow(incident, created) || isFirst) continue
    const isRestart = wasRestarted(current, replicaSets[index - 1])
    yield {
      what: isRestart ? 'restart' : 'rollout',
      about: ref,
      top: ref,
      at: created,
      by: writerOfTemplate(object, created),
      fields: [isRestart ? `spec.template.metadata.annotations.${RESTARTED}` : 'spec.template'],
      says: isRestart
        ? `The pods of ${describeRef(ref)} were restarted on demand (revision ${current.revision}).`
        : `${describeRef(ref)} got a new template (revision ${current.revision}, ReplicaSet ${current.object.ref.name}).`,
      cites: [cite(current.object, ['metadata', 'creationTimestamp'])],
    }
  }
  yield* returnsToOld(incident, ref, replicaSets, object)
}

/** `rollout undo` makes no ReplicaSet: an old one gets the newest revision, and its former ones stand in an annotation. */
function* returnsToOld(
  incident: Incident,
  ref: Workload['ref'],
  replicaSets: readonly ReplicaSet[],
  object: KubeObject,
): Generator<RecentChange> {
  const newest = replicaSets.at(-1)
  const history = newest?.object.annotations['deployment.kubernetes.io/revision-history'] ?? ''
  const write = recentWrites(incident, object)
    .filter((one) => touches(one, 'spec.template') && isDeliberate(one.manager))
    .at(-1)
  if (!newest || history === '' || !write || isNear(newest.object.created, write.at)) return
  if (!newest.object.writes.some(({ at = 0 }) => at >= write.at - ROLLOUT_LAG_MS)) return
  yield {
    what: 'rollout',
    about: ref,
    top: ref,
    at: write.at,
    by: write.manager,
    fields: ['spec.template'],
    says: `${describeRef(ref)} went back to an earlier template (now revision ${newest.revision}, ReplicaSet ${newest.object.ref.name}).`,
    cites: [
      citeWrite(object, write),
      cite(newest.object, ['metadata', 'annotations', 'deployment.kubernetes.io/revision-history']),
    ],
  }
}

/** Whether nothing but the annotation of `kubectl rollout restart` differs; without the generation before, whether it is as old as this one. */
function wasRestarted(current: ReplicaSet, before: ReplicaSet | undefined): boolean {
  const template = recordAt(current.object.json, 'spec', 'template')
  const restarted = timeAt(template, 'metadata', 'annotations', RESTARTED)
  if (restarted === undefined) return false
  if (!before) return isNear(current.object.created, restarted)
  const earlier = recordAt(before.object.json, 'spec', 'template')
  const isNew =
    textAt(template, 'metadata', 'annotations', RESTARTED) !== textAt(earlier, 'metadata', 'annotations', RESTARTED)
  return isNew && withoutRestart(template) === withoutRestart(earlier)
}

function withoutRestart(template: Json): string {
  const { [RESTARTED]: _, ...annotations } = recordAt(template, 'metadata', 'annotations')
  const { 'pod-template-hash': __, ...labels } = recordAt(template, 'metadata', 'labels')
  return JSON.stringify([annotations, labels, template.spec])
}

/** StatefulSets and DaemonSets: each new revision that no write of the template tells of, as of a manager that is no person. */
function* newRevisions(
  incident: Incident,
  { ref, revisions }: Workload,
  object: KubeObject,
  told: readonly number[],
): Generator<RecentChange> {
  for (const { object: made, revision } of revisions) {
    const { created } = made
    const isFirst = created !== undefined && object.created !== undefined && created - object.created < ROLLOUT_LAG_MS
    if (!isInWindow(incident, created) || isFirst || told.some((at) => isNear(at, created))) continue
    yield {
      what: 'rollout',
      about: ref,
      top: ref,
      at: created,
      by: writerOfTemplate(object, created),
      fields: ['spec.template'],
      says: `${describeRef(ref)} got a new template (revision ${revision}, ${made.ref.name}).`,
      cites: [cite(made, ['metadata', 'creationTimestamp'])],
    }
  }
}

/** StatefulSets and DaemonSets: a write of the template, where pods or the status show that the template is what it changed. */
function* rolloutsOfRevisions(incident: Incident, workload: Workload, object: KubeObject): Generator<RecentChange> {
  const { ref, pods } = workload
  const told: number[] = []
  if (ref.kind !== 'StatefulSet' && ref.kind !== 'DaemonSet') return
  for (const write of recentWrites(incident, object)) {
    if (!touches(write, 'spec.template') || !isDeliberate(write.manager)) continue
    const followed = pods.some(({ created = 0 }) => created >= write.at - incident.clocks.tolerance)
    if (!followed && !isRollingOut(object)) continue
    told.push(write.at)
    const restarted = timeAt(object.json, 'spec', 'template', 'metadata', 'annotations', RESTARTED)
    const isRestart = isNear(restarted, write.at)
    yield {
      what: isRestart ? 'restart' : 'rollout',
      about: ref,
      top: ref,
      at: write.at,
      by: write.manager,
      fields: templateFields(write),
      says: isRestart
        ? `The pods of ${describeRef(ref)} were restarted on demand.`
        : `${describeRef(ref)} got a new template${isRollingOut(object) ? ' and is still rolling it out' : ''}.`,
      cites: [citeWrite(object, write)],
    }
  }
  yield* newRevisions(incident, workload, object, told)
}

/** Whether not all pods have the newest template yet. */
export function isRollingOut({ json }: KubeObject): boolean {
  const status = recordAt(json, 'status')
  const [current, update] = [textAt(status, 'currentRevision'), textAt(status, 'updateRevision')]
  if (update !== '' && current !== '') return update !== current
  const [desired, updated] = [status.desiredNumberScheduled, status.updatedNumberScheduled]
  return typeof desired === 'number' && desired > 0 && (typeof updated === 'number' ? updated : 0) < desired
}

/** Who wrote the template just before the controller acted on it. */
function writerOfTemplate({ writes }: KubeObject, at: number): string {
  const candidates = writes.filter((write) => touches(write, 'spec.template') && isNear(write.at, at))
  return candidates.at(-1)?.manager ?? ''
}

function templateFields({ fields }: Write): readonly string[] {
  return fields.filter((field) => field.startsWith('spec.template')).slice(0, 20)
}

function isNear(a: number | undefined, b: number): boolean {
  return a !== undefined && Math.abs(a - b) <= ROLLOUT_LAG_MS
}
