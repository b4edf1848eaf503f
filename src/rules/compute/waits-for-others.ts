import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf } from '../../incident/reference.ts'

/**
 * Whether calls of a pod's workload fail: then that may be why it is not well, and what piles up in it (threads that wait, requests that are held in
 * memory) may come of it.
 */
export function waitsForOthers(incident: Incident, { workload }: Pod): boolean {
  return incident.dependencies.some(({ from, failing }) => failing && keyOf(from) === keyOf(workload))
}
