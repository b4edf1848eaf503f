import type { Incident } from './incident.ts'
import { isSaidNow } from './lately.ts'
import type { MessageId } from './messages/index.ts'
import { isAlive } from './pod.ts'
import { keyOf, type Ref } from './reference.ts'
import type { Said } from './statement.ts'

/** What keeps the owner of pods from creating them, in the words of whoever refused. */
export interface Refused {
  readonly workload: Ref
  readonly said: readonly Said[]
  /** Pods that the workload lacks; undefined where it does not tell how many it wants. */
  readonly lacking: number | undefined
}

/** Refusals of pods, of claims or of jobs that hold until now, by workload: what owns enough pods again is left out. */
export function findRefusals(incident: Incident, ...ids: readonly MessageId[]): readonly Refused[] {
  const said = incident.said(...ids).filter((one) => isSaidNow(incident, one) && isOfOwner(one))
  return [...Map.groupBy(said, ({ about }) => keyOf(incident.topOf(about)))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, members]) => refusedOf(incident, members))
    .filter(({ lacking }) => lacking === undefined || lacking > 0)
}

const OWNERS = new Set([
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
  'ReplicationController',
  'Rollout',
])

function isOfOwner({ about }: Said): boolean {
  return OWNERS.has(about.kind)
}

function refusedOf(incident: Incident, said: readonly Said[]): Refused {
  const workload = incident.topOf((said[0] as Said).about)
  const known = incident.workloadOf(workload)
  const alive = known?.pods.filter(isAlive).length ?? 0
  const lacking = known?.desired === undefined ? undefined : known.desired - alive
  const isRolling = (known?.replicaSets.length ?? 0) > 1 && isCurrentSet(incident, said)
  return { workload, said, lacking: isRolling ? Math.max(1, lacking ?? 1) : lacking }
}

/** A rollout whose new pods are refused keeps its old ones, so that none is lacking. */
function isCurrentSet(incident: Incident, said: readonly Said[]): boolean {
  return said.some(({ about }) => {
    const workload = incident.workloadOf(incident.topOf(about))
    const set = workload?.replicaSets.find(({ object }) => keyOf(object.ref) === keyOf(about))
    const pods = (workload?.pods ?? []).filter(({ ownerRef, deleted }) => {
      return deleted === undefined && ownerRef !== undefined && keyOf(ownerRef) === keyOf(about)
    })
    return set !== undefined && pods.length < set.desired
  })
}
