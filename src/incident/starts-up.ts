import type { Container } from './container.ts'
import type { Incident } from './incident.ts'
import type { Pod } from './pod.ts'
import { patienceOf } from './probe-failure.ts'
import { tellsFailure } from './tells-failure.ts'

/**
 * Whether a pod is not ready only because containers of it start, within the time that their startup probes give them: none ended before, and none
 * says an error. Who waits an hour for a database within a patient probe does not just start.
 */
export function startsUp(incident: Incident, pod: Pod): boolean {
  const lacking = pod.containers.filter(({ role, ready }) => (role === 'main' || role === 'sidecar') && !ready)
  return (
    lacking.length > 0 && lacking.every((container) => isWithinProbe(incident, container)) && !complains(incident, pod)
  )
}

function complains(incident: Incident, { ref }: Pod): boolean {
  return incident.logsOf(ref).some(({ summary }) => summary.templates.some(tellsFailure))
}

function isWithinProbe({ now }: Incident, { state, started, restarts, probes: { startup } }: Container): boolean {
  if (!startup || started === true || restarts > 0) return false
  if (state.kind !== 'running' || state.since === undefined) return false
  return now - state.since < 1000 * (startup.initialDelay + startup.period) + patienceOf(startup)
}
