import { cite } from '../citation.ts'
import type { Condition } from '../condition.ts'
import type { Incident } from '../incident.ts'
import type { KubeObject } from '../object.ts'
import { describeRef } from '../reference.ts'
import type { Workload } from '../workload.ts'
import { citeWrite } from '../write-citation.ts'
import { byNodeClock, type TimelineEntry, WHOLE_SECOND } from './entry.ts'

/** When an object was created, and when it was asked to go. */
export function* datesOfObject(object: KubeObject): Generator<TimelineEntry> {
  const { ref, created, deleted } = object
  const base = { uncertainty: WHOLE_SECOND, about: ref, source: 'object' } as const
  if (created !== undefined)
    yield { ...base, at: created, says: 'It was created.', cites: [cite(object, ['metadata', 'creationTimestamp'])] }
  if (deleted === undefined) return
  const grace = object.json.metadata as { deletionGracePeriodSeconds?: unknown } | undefined
  const seconds = typeof grace?.deletionGracePeriodSeconds === 'number' ? grace.deletionGracePeriodSeconds : 0
  yield {
    ...base,
    at: deleted - seconds * 1000,
    says: 'Its deletion was asked for.',
    cites: [cite(object, ['metadata', 'deletionTimestamp'])],
  }
}

/** Who last wrote what of it; writes of its status say no more than its conditions. */
export function* datesOfWrites(object: KubeObject): Generator<TimelineEntry> {
  for (const write of object.writes) {
    if (write.at === undefined || write.subresource === 'status' || write.at === object.created) continue
    const roots = [...new Set(write.fields.map((field) => field.split('.').slice(0, 2).join('.')))]
    yield {
      at: write.at,
      uncertainty: WHOLE_SECOND,
      about: object.ref,
      says: `${write.manager || 'Somebody'} wrote ${roots.slice(0, 4).join(', ') || 'it'}.`,
      source: 'write',
      cites: [citeWrite(object, write)],
    }
  }
}

/** Conditions of a pod that other components than the kubelet set. */
const NOT_BY_KUBELET = new Set(['PodScheduled', 'DisruptionTarget'])

/** When each condition became what it is. A kubelet's time is by its node's clock. */
export function* datesOfConditions(
  incident: Incident,
  object: KubeObject,
  conditions: readonly Condition[],
  node: string,
): Generator<TimelineEntry> {
  for (const { type, status, reason, since, path } of conditions) {
    if (since === undefined) continue
    const isByKubelet = node !== '' && status !== 'Unknown' && !NOT_BY_KUBELET.has(type)
    const time = isByKubelet ? byNodeClock(incident, node, since) : { at: since, uncertainty: WHOLE_SECOND }
    yield {
      ...time,
      about: object.ref,
      says: `${type} became ${status}${reason === '' ? '' : ` (${reason})`}.`,
      source: 'condition',
      cites: [cite(object, [...path, 'type'], type)],
    }
  }
}

/** Each ReplicaSet of a Deployment is one generation of its template. */
export function* datesOfGenerations({ ref, replicaSets }: Workload): Generator<TimelineEntry> {
  for (const { object, revision } of replicaSets) {
    if (object.created === undefined) continue
    yield {
      at: object.created,
      uncertainty: WHOLE_SECOND,
      about: ref,
      says: `${describeRef(ref)} got revision ${revision}, ${object.ref.name}.`,
      source: 'generation',
      cites: [cite(object, ['metadata', 'creationTimestamp'])],
    }
  }
}
