import { crashesOf } from '../../incident/crash.ts'
import type { Dependency } from '../../incident/dependency.ts'
import { endedOfItself } from '../../incident/ended-by-call.ts'
import { failedCallsOf, isStillFailing } from '../../incident/failed-call.ts'
import type { Incident } from '../../incident/incident.ts'
import { isFailing } from '../../incident/pod.ts'

/** Calls of callers that are well themselves, and of late: fewer are what any client sees now and then. */
const MANY_CALLS = 10

/** A caller that is ill itself, or whose calls fail until now, and often. */
export function suffersNow(incident: Incident, call: Dependency): boolean {
  if (isCallerIll(incident, call)) return true
  const lines = failedCallsOf(incident, call).reduce((sum, { template }) => sum + template.count, 0)
  return isStillFailing(incident, call) && lines >= MANY_CALLS
}

/** Whether the caller itself is ill, and not by itself. */
export function isCallerIll(incident: Incident, { from }: Dependency): boolean {
  return (incident.workloadOf(from)?.pods ?? []).some((pod) => {
    const crashes = crashesOf(incident, pod)
    return crashes.length === 0 ? isFailing(pod) : !crashes.every((crash) => endedOfItself(incident, crash))
  })
}
