import { cite } from '../citation.ts'
import type { KubeEvent } from '../event.ts'
import type { Incident } from '../incident.ts'
import type { KubeObject } from '../object.ts'
import type { RecentChange } from '../recent-change.ts'
import { describeRef } from '../reference.ts'
import type { Workload } from '../workload.ts'
import { citeWrite } from '../write-citation.ts'
import { touches, type Write } from '../writes.ts'
import { isDeliberate } from './manager.ts'
import { ROLLOUT_LAG_MS } from './rollouts.ts'
import { isInWindow, recentWrites } from './window.ts'

/** A rolling update moves pods between two ReplicaSets for this long after the new one appeared, as a rule. */
const ROLLING_MS = 15 * 60_000

/** Changed numbers of pods: by who wrote `replicas`, or by what the controller did about it. */
export function* findScales(incident: Incident): Generator<RecentChange> {
  for (const workload of incident.workloads) {
    const { ref, object } = workload
    if (object === undefined) continue
    const written = recentWrites(incident, object).filter((write) => writesOnlyReplicas(write))
    for (const write of written)
      yield {
        what: 'scale',
        about: ref,
        top: ref,
        at: write.at,
        by: write.manager,
        fields: ['spec.replicas'],
        says: `${describeRef(ref)} was scaled${workload.desired === undefined ? '' : `, to ${workload.desired} now`}.`,
        cites: [citeWrite(object, write)],
      }
    yield* scalesByEvents(
      incident,
      workload,
      object,
      written.map(({ at }) => at),
    )
  }
}

/** Of an entry that owns more than `replicas` nobody can say which field its time is of. */
function writesOnlyReplicas(write: Write): boolean {
  const spec = write.fields.filter((field) => field.startsWith('spec'))
  if (!touches(write, 'spec.replicas')) return false
  return write.subresource === 'scale' || (isDeliberate(write.manager) && spec.length === 1)
}

function* scalesByEvents(
  incident: Incident,
  { ref, replicaSets }: Workload,
  object: KubeObject,
  known: readonly number[],
): Generator<RecentChange> {
  for (const event of incident.eventsAbout(ref)) {
    const at = event.last
    if (event.reason !== 'ScalingReplicaSet' || !isInWindow(incident, at)) continue
    if (isOfRollout(event, replicaSets, object, at) || known.some((one) => Math.abs(one - at) < ROLLOUT_LAG_MS))
      continue
    yield {
      what: 'scale',
      about: ref,
      top: ref,
      at,
      by: writerOfReplicas(object, at),
      fields: ['spec.replicas'],
      says: `${describeRef(ref)}: ${event.message}.`,
      cites: [cite(event.object, ['message' in event.object.json ? 'message' : 'note'])],
    }
  }
}

function isOfRollout(
  { message }: KubeEvent,
  replicaSets: Workload['replicaSets'],
  { created }: KubeObject,
  at: number,
): boolean {
  if (created !== undefined && at - created < ROLLOUT_LAG_MS) return true
  const newest = replicaSets.at(-1)?.object
  const isAboutNewest = newest !== undefined && message.includes(` ${newest.ref.name} `)
  return !isAboutNewest || (newest.created !== undefined && at - newest.created < ROLLING_MS)
}

function writerOfReplicas({ writes }: KubeObject, at: number): string {
  const near = writes.filter(
    (write) => touches(write, 'spec.replicas') && write.at !== undefined && Math.abs(write.at - at) <= ROLLOUT_LAG_MS,
  )
  return near.at(-1)?.manager ?? ''
}
