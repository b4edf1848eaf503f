import type { Incident } from '../incident/incident.ts'
import type { Said } from '../incident/statement.ts'
import { isCurrent, isStillSaid } from './recency.ts'
import { isSuffering } from './suffering.ts'

/** Whether it is said until now. Of a pod that is not well, what it said within the hour counts: in a crash loop it is silent for minutes. */
export function isLive(incident: Incident, said: Said): boolean {
  if (said.source === 'log' && said.last === undefined) return true
  if (isStillSaid(incident, said)) return true
  const pod = incident.podOf(said.about)
  return pod !== undefined && isSuffering(incident, pod) && isCurrent(incident, said)
}
