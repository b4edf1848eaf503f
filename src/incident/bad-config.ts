import type { ConfigWrite } from './config-write.ts'
import { findConfigWrites } from './config-write.ts'
import type { Crash } from './crash.ts'
import type { Incident } from './incident.ts'
import { classesAtEnd } from './last-words.ts'
import type { LogClass } from './logs/log-summary.ts'
import { keyOf, type Ref } from './reference.ts'
import { earliest } from './telling.ts'

/** Words by which a program says that what it was given is wrong. */
export const CONFIG_CLASSES: ReadonlySet<LogClass> = new Set<LogClass>([
  'invalid-configuration',
  'missing-configuration',
])

/** A crash this long after a change of configuration may still be of it: the instance that read it first may end late. */
const SOON = 15 * 60 * 1000

/** Whether a workload's crashes follow a change of a ConfigMap that it uses, and complain about it. */
export function isBadConfig(incident: Incident, workload: Ref, crashes: readonly Crash[]): boolean {
  return complainsOf(incident, crashes) && suspectsOf(incident, workload, crashes).length > 0
}

function complainsOf(incident: Incident, crashes: readonly Crash[]): boolean {
  return crashes.some((crash) => [...classesAtEnd(incident, crash)].some((one) => CONFIG_CLASSES.has(one)))
}

/** The changes of configuration that may be behind crashes: before them, and named by the last words or shortly before. */
export function suspectsOf(incident: Incident, workload: Ref, crashes: readonly Crash[]): readonly ConfigWrite[] {
  const since = earliest(crashes.map(({ since }) => since)) ?? incident.now
  const complains = complainsOf(incident, crashes)
  return findConfigWrites(incident).filter(({ at, users }) => {
    const isUsed = users.some((pod) => keyOf(pod.workload) === keyOf(workload))
    const isBefore = at <= since + incident.clocks.tolerance
    return isUsed && isBefore && (complains || since - at < SOON)
  })
}
