import type { Crash } from './crash.ts'
import type { Incident } from './incident.ts'
import { lastWordsOf } from './last-words.ts'
import { isSaidNow } from './lately.ts'
import type { Pod } from './pod.ts'
import type { Said } from './statement.ts'

/** What the kubelet said lately of killing the containers of a pod because of a probe. */
export function probeKillsOf(incident: Incident, pod: Pod, container?: string): readonly Said[] {
  return incident
    .saidAbout(pod.ref)
    .filter((said) => said.id === 'liveness-kill' && isSaidNow(incident, said))
    .filter(
      ({ values, about }) =>
        container === undefined || (values.container ?? about.container ?? container) === container,
    )
}

/** Codes of programs that were told to end: SIGKILL, SIGTERM, and the good manners to end with 0 then. */
const TOLD_TO_END = new Set([0, 137, 143])

/** Whether a crash is the kubelet's doing, because a probe failed; a program that panicked before was ill itself. */
export function endedByProbe(incident: Incident, crash: Crash): boolean {
  const code = crash.end?.exitCode
  if (probeKillsOf(incident, crash.pod, crash.container.name).length === 0) return false
  if (code !== undefined && TOLD_TO_END.has(code)) return true
  return !lastWordsOf(incident, crash)?.classes.includes('panic')
}
