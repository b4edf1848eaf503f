import { type Citation, cite, citeLine } from './citation.ts'
import type { ContainerLog } from './container-log.ts'
import type { Crash } from './crash.ts'
import type { Incident } from './incident.ts'
import { classify, createHits, findHits } from './logs/classify.ts'
import type { LogClass, LogLine, LogTemplate } from './logs/log-summary.ts'

/** What a program said last before it ended. */
export interface LastWords {
  readonly text: string
  readonly classes: readonly LogClass[]
  /** Whether the program itself called it an error. */
  readonly isError: boolean
  readonly citation: Citation
}

/** An error this many lines before the end is still part of it: traces of stacks stand behind. */
const NEAR_END = 100

/** Runners of scripts repeat that what they ran failed: that says nothing. */
const RUNNERS =
  /^(?:npm (?:ERR!|error|notice|warn)|yarn run|error Command failed|make: \*\*\*|exit status \d+$|Error: exit status)/i

/** The last words before a crash: of the log of the instance that ended; of the kubelet's copy of its end where there is no log. */
export function lastWordsOf(incident: Incident, crash: Crash): LastWords | undefined {
  for (const log of logsOfEnd(incident, crash)) {
    const words = wordsOf(log)
    const isOfNow = !log.previous && crash.container.state.kind === 'running'
    if (words && (words.isError || !isOfNow)) return words
  }
  return wordsOfStatus(crash)
}

/** What the kubelet kept of the end: the termination message, or the end of the log with FallbackToLogsOnError. */
function wordsOfStatus({ pod, container, end }: Crash): LastWords | undefined {
  const text = end?.message.split('\n').findLast((line) => line.trim() !== '' && !RUNNERS.test(line.trim()))
  if (text === undefined) return undefined
  const place = container.state.kind === 'terminated' ? 'state' : 'lastState'
  const citation = cite(pod, [...(container.statusPath ?? []), place, 'terminated', 'message'], text)
  return { text, classes: classesOf(text), isError: end?.exitCode !== 0, citation }
}

function classesOf(text: string): readonly LogClass[] {
  const hits = createHits()
  const bytes = Buffer.from(text)
  return findHits(bytes, 0, bytes.length, hits) ? classify(text, hits, true) : []
}

/** Every class that the log of the instance that ended shows at its end. */
export function classesAtEnd(incident: Incident, crash: Crash): ReadonlySet<LogClass> {
  const templates = logsOfEnd(incident, crash).flatMap((log) => nearEnd(log))
  return new Set(templates.flatMap(({ classes }) => classes))
}

/** The log of the instance before first; the current one only where it is the one that ended, or nothing else is there. */
export function logsOfEnd(incident: Incident, { pod, container }: Crash): readonly ContainerLog[] {
  const logs = incident.logsOf(pod.ref).filter((log) => log.container === container.name && log.summary.lines > 0)
  return [...logs].sort((a, b) => Number(b.previous) - Number(a.previous))
}

function wordsOf({ summary }: ContainerLog): LastWords | undefined {
  const template = nearEnd({ summary }).filter(isFailure).sort(bySaying)[0]
  const line = template?.lastLine ?? summary.tail.findLast(({ text }) => text.trim() !== '' && !RUNNERS.test(text))
  if (!line) return undefined
  return {
    text: line.text,
    classes: template?.classes ?? [],
    isError: template !== undefined,
    citation: citeLogLine(summary.path, line),
  }
}

function nearEnd({ summary }: Pick<ContainerLog, 'summary'>): readonly LogTemplate[] {
  return summary.templates.filter(({ lastLine }) => lastLine.line > summary.lines - NEAR_END)
}

function isFailure({ level, classes, lastLine }: LogTemplate): boolean {
  if (RUNNERS.test(lastLine.text)) return false
  return level === 'fatal' || level === 'error' || classes.some((one) => !CALM.has(one))
}

/** Classes that are no trouble by themselves. */
const CALM: ReadonlySet<LogClass> = new Set<LogClass>(['retry', 'slow-start-waiting', 'graceful-shutdown'])

/** What is fatal or a panic first, then what is an error, then what came last. */
function bySaying(a: LogTemplate, b: LogTemplate): number {
  return weight(b) - weight(a) || b.lastLine.line - a.lastLine.line
}

function weight({ level, classes }: LogTemplate): number {
  if (level === 'fatal' || classes.includes('panic')) return 3
  return level === 'error' ? 2 : 1
}

/** Cites a line that a summary holds. */
export function citeLogLine(path: string, { line, text }: LogLine): Citation {
  return citeLine(path, line, text)
}
