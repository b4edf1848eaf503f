import type { ContainerLog } from '../incident/container-log.ts'
import { NO_ANSWER } from '../incident/failed-call.ts'
import type { Incident } from '../incident/incident.ts'
import { isError } from '../incident/logs/is-error.ts'
import type { LogTemplate } from '../incident/logs/log-summary.ts'
import { outbreakOf } from '../rules/outbreak.ts'
import { TELEMETRY } from '../rules/telemetry.ts'
import type { Fact } from './fact.ts'

/**
 * Whether the errors that a workload logs are an incident by themselves: nothing else may tell of one whose pods are ready. Words that are
 * no failed call count only where the log was silent about them before: many a program always has something to complain of.
 */
export function isFeltByLogs(incident: Incident, { finding: { symptom, affects = [] } }: Fact): boolean {
  if (symptom !== 'errors') return false
  const logs = affects.flatMap((ref) => incident.logsOf(ref)).filter(({ previous }) => !previous)
  return logs.some((log) => hasOutbreak(incident, log))
}

function hasOutbreak(incident: Incident, log: ContainerLog): boolean {
  const errors = log.summary.templates.filter(isMissed)
  return (
    outbreakOf(incident, log, errors.filter(isFailedCall)) !== undefined ||
    errors.some((one) => outbreakOf(incident, log, [one]) === 'begun')
  )
}

/** Nobody misses telemetry. */
function isMissed(template: LogTemplate): boolean {
  return isError(template) && !TELEMETRY.test(template.example.text)
}

/** What only a call of its own can end in; clients that reset a connection, or whom it does not let in, are no failure of this program. */
function isFailedCall({ classes, targets }: LogTemplate): boolean {
  return classes.some((one) => NO_ANSWER.has(one) && (one !== 'connection-reset' || targets.length > 0))
}
