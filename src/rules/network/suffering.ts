import type { Incident } from '../../incident/incident.ts'
import { isFailing, type Pod } from '../../incident/pod.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'

/** A pod that was made this lately is only starting. */
const STARTING_MS = 60_000

/** Pods of a node that do not do their work, or whose workload logs calls that fail: who may suffer from its network. */
export function sufferersOn(incident: Incident, node: string): readonly Pod[] {
  const callers = new Set(incident.dependencies.filter((one) => one.failing).map(({ from }) => keyOf(from)))
  return incident.podsOn(node).filter((pod) => isStuck(incident, pod) || callers.has(keyOf(pod.workload)))
}

/** Whether a pod fails for longer than it needs to start. */
export function isStuck(incident: Incident, pod: Pod): boolean {
  return isFailing(pod) && incident.now - (pod.created ?? 0) > STARTING_MS
}

/** Pods and what they belong to. */
export function withWorkloads(pods: readonly Pod[]): readonly Ref[] {
  return uniqueRefs(pods.flatMap(({ ref, workload }) => [ref, workload]))
}
