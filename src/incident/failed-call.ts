import type { Dependency } from './dependency.ts'
import type { Incident } from './incident.ts'
import { type LoggedLine, loggedAt } from './logged-line.ts'
import type { LogClass } from './logs/log-summary.ts'
import type { Pod } from './pod.ts'

/** Calls that failed longer ago than this are over: a client that still cares tries again within minutes. */
const STILL_FAILING = 10 * 60 * 1000

/** Classes that mean that the other end does not answer, and not that it refuses what it is asked. */
export const NO_ANSWER: ReadonlySet<LogClass> = new Set<LogClass>([
  'connection-refused',
  'connection-reset',
  'timeout',
  'no-route',
  'dns-failure',
  'unavailable',
])

/** What a failing dependency was read from: the caller's pod, and the lines. */
export interface FailedCall extends LoggedLine {
  readonly pod: Pod | undefined
}

/** The log lines that tell of a failing dependency, as far as it cites them. */
export function failedCallsOf(incident: Incident, { cites }: Dependency): readonly FailedCall[] {
  return cites.flatMap((citation) => {
    const line = loggedAt(incident, citation)
    if (!line) return []
    const { namespace, pod } = line.log
    return [{ ...line, pod: incident.podOf({ kind: 'Pod', namespace, name: pod }) }]
  })
}

/** How many lines tell of failing calls of a dependency. */
export function countFailedCalls(incident: Incident, call: Dependency): number {
  return failedCallsOf(incident, call).reduce((sum, { template }) => sum + template.count, 0)
}

/** How the calls of a dependency fail. */
export function classesOfCalls({ classes = [] }: Dependency): ReadonlySet<LogClass> {
  return new Set(classes)
}

/** Whether calls failed until now; lines without a time are taken for new. */
export function isStillFailing(incident: Incident, { last, failing }: Dependency): boolean {
  return failing && (last === undefined || incident.start - last < STILL_FAILING)
}

/** Whether a dependency does not answer: its calls fail, and not for want of rights alone. */
export function doesNotAnswer({ failing, classes = [] }: Dependency): boolean {
  return failing && (classes.length === 0 || classes.some((one) => NO_ANSWER.has(one)))
}

/** Whether calls fail for want of an address alone. */
export function onlyLookups(call: Dependency): boolean {
  const classes = classesOfCalls(call)
  return classes.has('dns-failure') && !classes.has('connection-refused') && !classes.has('connection-reset')
}
