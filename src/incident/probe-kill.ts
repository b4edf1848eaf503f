import type { Crash } from './crash.ts'
import type { Incident } from './incident.ts'
import { lastWordsOf } from './last-words.ts'
import { isSaidNow, LATELY } from './lately.ts'
import type { Pod } from './pod.ts'
import type { Said } from './statement.ts'

/** What the kubelet said lately of killing the containers of a pod because of a probe; where that is not in the bundle, of the probes that failed. */
export function probeKillsOf(incident: Incident, pod: Pod, container?: string): readonly Said[] {
  const said = incident.saidAbout(pod.ref).filter((one) => isSaidNow(incident, one) && isAbout(one, container))
  const kills = said.filter(({ id }) => id === 'liveness-kill')
  if (kills.length > 0 || !wasToldToEnd(incident, pod, container)) return kills
  return said.filter(({ id, count }) => (id === 'liveness-probe-failed' || id === 'startup-probe-failed') && count > 1)
}

function isAbout({ values, about }: Said, container: string | undefined): boolean {
  return container === undefined || (values.container ?? about.container ?? container) === container
}

/** Whether a container ended lately by a signal, and not for want of memory. */
function wasToldToEnd({ now }: Incident, { containers }: Pod, name: string | undefined): boolean {
  return containers.some(({ name: own, state, last, restarts }) => {
    const end = state.kind === 'terminated' ? state : last
    if (restarts === 0 || !end || end.reason === 'OOMKilled' || (name !== undefined && own !== name)) return false
    return (end.exitCode === 137 || end.exitCode === 143) && now - (end.finished ?? 0) < LATELY
  })
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
