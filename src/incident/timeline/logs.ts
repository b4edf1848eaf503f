import { citeLine } from '../citation.ts'
import type { ContainerLog } from '../container-log.ts'
import type { Incident } from '../incident.ts'
import { isError } from '../logs/is-error.ts'
import type { LogLine, LogTemplate } from '../logs/log-summary.ts'
import type { Ref } from '../reference.ts'
import { byNodeClock, type TimelineEntry } from './entry.ts'

/** When a kind of error line was first and last written. */
export function* datesOfLogs(incident: Incident, isMeant: (ref: Ref) => boolean): Generator<TimelineEntry> {
  for (const log of incident.logs) {
    const about = { kind: 'Pod', namespace: log.namespace, name: log.pod, container: log.container }
    if (!isMeant(about)) continue
    for (const template of log.summary.templates)
      if (isError(template)) yield* datesOfTemplate(incident, about, log, template)
  }
}

function* datesOfTemplate(
  incident: Incident,
  about: Ref,
  log: ContainerLog,
  { example, lastLine, count, first, last }: LogTemplate,
): Generator<TimelineEntry> {
  const node = incident.podOf(about)?.node ?? ''
  const entry = (at: number, line: LogLine, which: string): TimelineEntry => ({
    ...byNodeClock(incident, node, at),
    about,
    says: `It logged${which}: ${line.text.slice(0, 200)}`,
    source: 'log',
    cites: [citeLine(log.summary.path, line.line, line.text)],
  })
  const isOften = first !== undefined && last !== undefined && last > first
  if (first !== undefined) yield entry(first, example, isOften ? ` (first of ${count})` : '')
  if (isOften) yield entry(last, lastLine, ` (last of ${count})`)
}
