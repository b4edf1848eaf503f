import type { Citation } from './citation.ts'
import type { ContainerLog } from './container-log.ts'
import type { Incident } from './incident.ts'
import type { LogTemplate } from './logs/log-summary.ts'
import { onceFor } from './once-for.ts'

/** A line of a log that was cited: the log, and all its lines of that kind. */
export interface LoggedLine {
  readonly log: ContainerLog
  readonly template: LogTemplate
}

/** Finds what a citation of a log quotes; undefined where it is none, or quotes another line than the first of its kind. */
export function loggedAt(incident: Incident, citation: Citation): LoggedLine | undefined {
  if (!('line' in citation)) return undefined
  const log = logsByPath(incident).get(citation.file)
  const template = log?.summary.templates.find(({ example }) => example.line === citation.line)
  return log && template && { log, template }
}

const logsByPath = onceFor(({ logs }: Incident) => new Map(logs.map((log) => [log.summary.path, log] as const)))
