import type { Incident } from '../incident/incident.ts'
import type { Pod } from '../incident/pod.ts'
import { endOfPod, isRecent } from './recency.ts'

/** A pod that is deleted and still there after this is stuck. */
const DELETION_PATIENCE = 60 * 1000

/** A pod that starts is not ready for a while. */
const START_PATIENCE = 60 * 1000

/** Pods on a node that something is wrong with now, or was within the hour: what a fault of the node can be behind. */
export function sufferersOn(incident: Incident, node: string): readonly Pod[] {
  return incident.podsOn(node).filter((pod) => isSuffering(incident, pod))
}

/** Whether a pod restarts, is not ready, was evicted or does not go away. What ended by itself, and what just starts, does not suffer. */
export function isSuffering(incident: Incident, pod: Pod): boolean {
  const { now } = incident
  if (pod.phase === 'Succeeded') return false
  if (pod.deleted !== undefined) return now - pod.deleted > DELETION_PATIENCE
  if (pod.phase === 'Failed') return pod.reason !== '' && isRecent(incident, endOfPod(pod))
  if (hasRestarted(incident, pod)) return true
  return !pod.ready && now - (pod.started ?? pod.created ?? now) > START_PATIENCE
}

/** Whether a container of the pod was started again within the hour. */
export function hasRestarted(incident: Incident, pod: Pod): boolean {
  return pod.containers.some(({ restarts, last }) => restarts > 0 && isRecent(incident, last?.finished))
}
