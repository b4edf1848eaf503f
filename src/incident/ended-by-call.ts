import type { Crash } from './crash.ts'
import { NO_ANSWER } from './failed-call.ts'
import type { Incident } from './incident.ts'
import { classesAtEnd, lastWordsOf } from './last-words.ts'
import { PROGRESS, REMOTE } from './logs/classes.ts'
import type { LogClass } from './logs/log-summary.ts'

/** Whether a call that got no answer is what a program ended with; last words that mean something else are believed. */
export function endedByCall(incident: Incident, crash: Crash): boolean {
  const { classes = [] } = lastWordsOf(incident, crash) ?? {}
  return (classes.some(isTelling) ? classes : [...classesAtEnd(incident, crash)]).some((one) => NO_ANSWER.has(one))
}

/** Whether the last words of a program mean something of its own, and no call. */
export function endedOfItself(incident: Incident, crash: Crash): boolean {
  const { classes = [], isError = false } = lastWordsOf(incident, crash) ?? {}
  const telling = classes.filter(isTelling)
  return isError && telling.length > 0 && telling.every((one) => !REMOTE.has(one) && !NO_ANSWER.has(one))
}

/** That a lock or a lease was lost says nothing of why: mostly a call to whoever keeps it was not answered in time. */
function isTelling(one: LogClass): boolean {
  return !PROGRESS.has(one) && one !== 'deadlock-or-lock'
}
