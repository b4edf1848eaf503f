import { callersOf } from './endpoints.ts'
import type { Incident } from './incident.ts'
import { textAt } from './kubernetes.ts'
import type { Pod } from './pod.ts'

/**
 * Whether a pod ran once, for whoever made it by hand or by a runner, and is over: nobody owns it, nothing starts it again, no Service selects it and
 * nobody calls it. Whoever made it knows how it ended.
 */
export function isOneOff(incident: Incident, pod: Pod): boolean {
  if (pod.ownerRef !== undefined || pod.phase !== 'Failed') return false
  if (textAt(pod.json, 'spec', 'restartPolicy') !== 'Never') return false
  return incident.servicesOf(pod).length === 0 && callersOf(incident, pod.ref).length === 0
}
