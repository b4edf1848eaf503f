import type { Crash } from './crash.ts'
import { NO_ANSWER } from './failed-call.ts'
import type { Incident } from './incident.ts'
import { classesAtEnd, lastWordsOf } from './last-words.ts'
import { PROGRESS, REMOTE } from './logs/classes.ts'

/** Whether a call that got no answer is what a program ended with; last words that mean something else are believed. */
export function endedByCall(incident: Incident, crash: Crash): boolean {
  const { classes = [] } = lastWordsOf(incident, crash) ?? {}
  const isTelling = classes.some((one) => !PROGRESS.has(one))
  return (isTelling ? classes : [...classesAtEnd(incident, crash)]).some((one) => NO_ANSWER.has(one))
}

/** Whether the last words of a program mean something of its own, and no call. */
export function endedOfItself(incident: Incident, crash: Crash): boolean {
  const { classes = [], isError = false } = lastWordsOf(incident, crash) ?? {}
  const telling = classes.filter((one) => !PROGRESS.has(one))
  return isError && telling.length > 0 && telling.every((one) => !REMOTE.has(one) && !NO_ANSWER.has(one))
}
