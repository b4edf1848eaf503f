import { conditionOf } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import type { MessageId } from '../../incident/messages/index.ts'
import { isOnHostNetwork, type Pod } from '../../incident/pod.ts'
import { keyOf } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { isStuck } from './network-sufferers.ts'
import { stillHolds } from './still-holds.ts'

/** A pod that has no network, and what was said of that. */
export interface Unnetworked {
  readonly pod: Pod
  readonly said: readonly Said[]
}

/** Pods that wait for their network now, with what means one of these. */
export function unnetworkedPods(incident: Incident, ...ids: readonly MessageId[]): readonly Unnetworked[] {
  const said = incident.said(...ids).filter((one) => one.source !== 'log' && stillHolds(incident, one))
  const byPod = Map.groupBy(said, ({ about }) => keyOf(about))
  return incident.pods
    .filter((pod) => byPod.has(keyOf(pod.ref)) && waitsForNetwork(pod))
    .map((pod) => ({ pod, said: byPod.get(keyOf(pod.ref)) ?? [] }))
}

/** Whether a pod has a node and no sandbox yet: nothing of it has ever run, or its network is being made anew. */
export function waitsForNetwork(pod: Pod): boolean {
  if (pod.deleted !== undefined || pod.node === '' || pod.phase === 'Succeeded' || pod.phase === 'Failed') return false
  if (isOnHostNetwork(pod)) return false
  if (conditionOf(pod.conditions, 'PodReadyToStartContainers')?.status === 'False') return true
  return pod.containers.every(
    ({ state, last }) => last === undefined && (state.kind === 'waiting' || state.kind === 'unreported'),
  )
}

/** Pods of a node that wait for a network, and have for longer than one takes. */
export function unnetworkedOn(incident: Incident, node: string): readonly Pod[] {
  return incident.podsOn(node).filter((pod) => waitsForNetwork(pod) && isStuck(incident, pod))
}
