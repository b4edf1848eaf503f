import { type Crash, crashesOf } from '../../incident/crash.ts'
import type { Dependency } from '../../incident/dependency.ts'
import { endedOfItself } from '../../incident/ended-by-call.ts'
import { countFailedCalls, failedCallsOf, isStillFailing } from '../../incident/failed-call.ts'
import type { Incident } from '../../incident/incident.ts'
import { lastWordsOf } from '../../incident/last-words.ts'
import { PROGRESS } from '../../incident/logs/classes.ts'
import { isFailing } from '../../incident/pod.ts'
import { hasStopped } from '../onset.ts'
import { MANY_LINES } from '../outbreak.ts'

/** A caller that is ill itself, or whose calls fail until now, and often. */
export function suffersNow(incident: Incident, call: Dependency): boolean {
  if (isCallerIll(incident, call)) return true
  return isStillFailing(incident, call) && countFailedCalls(incident, call) >= MANY_LINES && !isOver(incident, call)
}

/** Whether none of the logs has such failures any more, though they go on: what a program waited for while it started. */
function isOver(incident: Incident, call: Dependency): boolean {
  return failedCallsOf(incident, call).every(({ log: { summary }, template }) => hasStopped(template, summary.last))
}

/** Whether the caller itself is ill, and not by itself. What a pod said whose log is lost, its siblings tell. */
export function isCallerIll(incident: Incident, call: Dependency): boolean {
  const pods = incident.workloadOf(call.from)?.pods ?? []
  if (pods.some((pod) => isFailing(pod) && crashesOf(incident, pod).length === 0)) return true
  const crashes = pods.flatMap((pod) => crashesOf(incident, pod))
  const told = crashes.filter((crash) => lastWordsOf(incident, crash) !== undefined)
  const isRemark = isOnlyRemarked(incident, call)
  return (told.length > 0 ? told : crashes).some(
    (crash) => !endedOfItself(incident, crash) && !(isRemark && endedInOwnWords(incident, crash)),
  )
}

/** Whether a program only warned once that a call failed, and went on: to be without it is no reason to end. */
function isOnlyRemarked(incident: Incident, call: Dependency): boolean {
  return failedCallsOf(incident, call).every(
    ({ template: { level, count, classes } }) => level === 'warn' && count === 1 && !classes.includes('retry'),
  )
}

/** Whether the last words are an error of which nothing more is known than that it is no failing call. */
function endedInOwnWords(incident: Incident, crash: Crash): boolean {
  const words = lastWordsOf(incident, crash)
  return words?.isError === true && words.classes.every((one) => PROGRESS.has(one)) && !words.classes.includes('retry')
}
