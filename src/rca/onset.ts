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
 * Whether a cause was first seen after all that it broke in others had begun. What it says of a workload itself is its state, whenever that was
 * told first; what ties it to others is nothing but the order.
 */
export function isSeenLate(incident: Incident, cause: Fact, symptoms: readonly Fact[]): boolean {
  const own = keyOf(incident.topOf(cause.finding.subject))
  const others = symptoms.filter(({ finding }) => keyOf(incident.topOf(finding.subject)) !== own)
  const slack = incident.clocks.tolerance + SLACK
  return (
    others.length > 0 &&
    others.length === symptoms.length &&
    others.every((one) => isAfter(incident, cause, one, slack))
  )
}

function isAfter(incident: Incident, cause: Fact, effect: Fact, slack: number): boolean {
  const onset = lastOnsetOf(incident, effect)
  const { from } = cause.finding
  return from !== undefined && onset !== undefined && from > onset + slack
}
