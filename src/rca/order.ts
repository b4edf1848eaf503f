import type { Incident } from '../incident/incident.ts'
import { keyOf } from '../incident/reference.ts'
import { latest } from '../incident/telling.ts'
import { unreadySince } from '../incident/unready-since.ts'
import type { Fact } from './fact.ts'

/**
 * Whether what is wrong was so before a cause can have begun: then it has another cause. Both times must be known, the cause's as one before which
 * it had not begun, and clocks and rounding must not explain the difference.
 */
export function isTooLate(incident: Incident, cause: Fact, effect: Fact): boolean {
  const { notBefore } = cause.finding
  if (notBefore === undefined) return false
  const onset = lastOnsetOf(incident, effect)
  return onset !== undefined && notBefore > onset + incident.clocks.tolerance
}

/** When the last of what suffers was first seen to: a cause that came before that may have made it, whatever was ill already. */
export function lastOnsetOf(incident: Incident, { finding }: Fact): number | undefined {
  const { from, lastFrom, affects = [], kind } = finding
  if (lastFrom !== undefined || kind === 'symptom') return lastFrom ?? from
  const pods = affects.map((ref) => incident.podOf(ref)).filter((pod) => pod !== undefined)
  return pods.length < 2 ? from : from && latest([from, ...pods.map(unreadySince)])
}

/** Traces of a cause are this much later than what it does without being out of order: probes and controllers repeat themselves within it. */
const SLACK = 2 * 60 * 1000

/**
 * Whether a fault of a node was first seen after all that it broke had begun. Nothing but place and order ties it to what suffers, unless it quotes
 * that; other causes name what suffers, and their oldest trace is often late: objects are made anew, events expire.
 */
export function isSeenLate(incident: Incident, cause: Fact, symptoms: readonly Fact[]): boolean {
  const { subject } = cause.finding
  if (subject.kind !== 'Node' || isQuoting(cause)) return false
  const others = symptoms.filter(({ finding }) => keyOf(finding.subject) !== keyOf(subject))
  const slack = incident.clocks.tolerance + SLACK
  return (
    others.length > 0 &&
    others.length === symptoms.length &&
    others.every((one) => isAfter(incident, cause, one, slack))
  )
}

/**
 * Whether a cause rests on the words or the status of what suffers. They say what broke it, and are young: a log begins with the last start, a
 * status keeps the last end.
 */
export function isQuoting({ finding: { cites } }: Fact): boolean {
  return cites.some(({ file }) => file.startsWith('logs/') || file.startsWith('cluster/core/v1/pods/'))
}

function isAfter(incident: Incident, cause: Fact, effect: Fact, slack: number): boolean {
  const onset = lastOnsetOf(incident, effect)
  const { from } = cause.finding
  return from !== undefined && onset !== undefined && from > onset + slack
}
