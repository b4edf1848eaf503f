import { type Citation, cite, citeLine } from './citation.ts'
import { classesOfText } from './classes-of-text.ts'
import type { ContainerLog } from './container-log.ts'
import type { Crash } from './crash.ts'
import type { Incident } from './incident.ts'
import { PROGRESS } from './logs/classes.ts'
import { readText } from './logs/fields.ts'
import type { LogClass, LogLine, LogTemplate } from './logs/log-summary.ts'
import { tellsFailure } from './tells-failure.ts'

/** What a program said last before it ended. */
export interface LastWords {
  /** Of a line of JSON, what it says; of a stack trace, what is at the root of it. */
  readonly text: string
  readonly classes: readonly LogClass[]
  /** Whether the program itself called it an error. */
  readonly isError: boolean
  readonly citation: Citation
}

/** An error this many lines before the end is still part of it: traces of stacks stand behind. */
const NEAR_END = 100

/** Runners of scripts and supervisors repeat that what they ran failed: that says nothing. */
const RUNNERS =
  /^(?:npm (?:ERR!|error|notice|warn)|yarn run|error Command failed|make: \*\*\*|exit status \d+$|Error: exit status|error: script "|\s?ELIFECYCLE|\[nodemon\]|Crash dump is being written|Aborted \(core dumped\)|Node\.js v\d|exiting\.?$)|\] \[ERROR\] (?:Worker \(pid:\d+\) exited|Shutting down: Master|Reason: Worker failed to boot)|\[ERROR\] (?:Aborting\s*$|WSREP: wsrep::connect\(\S{0,300}\) failed: \d)|\] \[Server\] (?:Aborting|Data Dictionary initialization failed|Failed to initialize DD)|^ERROR: Elasticsearch (?:did not exit|exited)|ERROR Exiting Kafka due to|^\*\*\* FATAL CONFIG FILE ERROR/i

/** A member of the object that Node prints behind a stack: its error has the words. */
const MEMBER = /^\s+(?:code|errno|syscall|address|port|hostname|reason|type|name): /

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
  const lines = (end?.message.split('\n') ?? []).filter((line) => line.trim() !== '' && !RUNNERS.test(line.trim()))
  const text = lines.findLast((line) => hasFailure(classesOfText(line))) ?? lines.at(-1)
  if (text === undefined) return undefined
  const place = container.state.kind === 'terminated' ? 'state' : 'lastState'
  const citation = cite(pod, [...(container.statusPath ?? []), place, 'terminated', 'message'], text)
  return { text: sayingOf(text), classes: classesOfText(text), isError: end?.exitCode !== 0, citation }
}

function hasFailure(classes: readonly LogClass[]): boolean {
  return classes.some((one) => one !== 'panic' && !PROGRESS.has(one))
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
  const near = nearEnd({ summary })
  const gravest = mostTelling(near.filter(isFailure))
  const template = gravest && (whatIsWrapped(gravest, near) ?? gravest)
  const trace = near.filter(({ head }) => head === template?.head || head === gravest?.head)
  const root =
    template &&
    rootOf(
      template,
      trace.filter(({ head }) => head === template.head),
    )
  const line = root?.lastLine ?? summary.tail.findLast(({ text }) => text.trim() !== '' && !RUNNERS.test(text))
  if (!line) return undefined
  const classes = [...new Set([template, root, trace.find(isPanic)].flatMap((one) => one?.classes ?? []))]
  const wentOn = trace.some(isTitle) && line.line <= summary.lines - AT_THE_END
  return {
    text: sayingOf(line.text),
    classes: wentOn ? classes.filter((one) => one !== 'panic') : classes,
    isError: template !== undefined,
    citation: citeLogLine(summary.path, line),
  }
}

/** Frameworks end with words of their own, of Spring and of its pools of connections, for what was logged before them. */
const WRAPPER =
  /Error creating bean with name|(?:BeanCreation|UnsatisfiedDependency)Exception|Application run failed|APPLICATION FAILED TO START|HikariPool-\d+ - Exception during pool initialization|Unable to start (?:embedded|web server)/

/** The last failure that means something, where the gravest is that of a framework, and nothing in its trace means anything. */
function whatIsWrapped(gravest: LogTemplate, near: readonly LogTemplate[]): LogTemplate | undefined {
  const trace = near.filter(({ head }) => head === gravest.head)
  const isEmpty =
    trace.some(({ lastLine }) => WRAPPER.test(lastLine.text)) && !trace.some((one) => hasFailure(one.classes))
  if (!isEmpty) return undefined
  return near.findLast(({ head, level, classes }) => head < gravest.head && level === 'error' && hasFailure(classes))
}

/** Python gives what it caught and logged the same title as what ended it: behind the latter come a few words of a supervisor at most. */
const AT_THE_END = 20

function isTitle({ lastLine }: LogTemplate): boolean {
  return lastLine.text.includes('Traceback (most recent call last)')
}

/** The gravest; an exception of Python that may only have been logged stands back behind a later error that means something. */
function mostTelling(failures: readonly LogTemplate[]): LogTemplate | undefined {
  const [gravest = failures[0]] = failures.filter(({ lastLine }) => !MEMBER.test(lastLine.text)).sort(bySaying)
  if (!gravest || !isTitle(gravest)) return gravest
  const later = failures.filter(({ head, classes }) => head > gravest.head && hasFailure(classes))
  return later.filter((one) => weight(one) > 1).sort(bySaying)[0] ?? gravest
}

/**
 * Of the lines of one stack trace, that which says what happened: the last with a meaning, Java's last `Caused by`, the exception under
 * Python's title; of several that mean the same, the one that names whom it called.
 */
function rootOf(template: LogTemplate, parts: readonly LogTemplate[]): LogTemplate {
  const trace = parts
    .filter(({ lastLine }) => !MEMBER.test(lastLine.text))
    .sort((a, b) => a.lastLine.line - b.lastLine.line)
  const last = trace.findLast(({ classes }) => hasFailure(classes))
  if (!last) return trace.at(-1) ?? template
  if (last.targets.length > 0) return last
  const same = trace.filter(({ classes }) => classes.some((one) => one !== 'panic' && last.classes.includes(one)))
  return same.findLast(({ targets }) => targets.length > 0) ?? last
}

/** What a reader takes in at once. */
const LONG = 220

/** The words of a line, without the punctuation of JSON; of several, those in between go if there are too many. */
function sayingOf(text: string): string {
  const lines = (logfmtOf(text) ?? readText(text).words)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s*at \S|^\t/.test(line))
  const [first = '', second = '', third = ''] = lines.filter(
    (line, index) => !lines.slice(0, index).some((one) => line.includes(one)),
  )
  const isLong = first.length + second.length + third.length > LONG
  return [first.replace(/^[\s|]+|^\s*---> /, ''), isLong && third !== '' ? '' : second, third]
    .filter((one) => one !== '')
    .join(': ')
    .trim()
}

const LOGFMT = /(?:^|\s)(?:msg|message|err|error)=("(?:[^"\\]|\\.){1,900}"?|[^\s"]{1,900})/g

/** The message and the error of a line of logfmt. */
function logfmtOf(text: string): string | undefined {
  if (!/(?:^|\s)(?:level|lvl)=/.test(text)) return undefined
  const said = [...text.matchAll(LOGFMT)].map(([, value = '']) => value.replace(/^"|"$/g, '').replace(/\\"/g, '"'))
  return said.length === 0 ? undefined : said.join('\n')
}

function nearEnd({ summary }: Pick<ContainerLog, 'summary'>): readonly LogTemplate[] {
  return summary.templates.filter(({ lastLine }) => lastLine.line > summary.lines - NEAR_END)
}

function isFailure(template: LogTemplate): boolean {
  return !RUNNERS.test(template.lastLine.text) && tellsFailure(template)
}

/** What is fatal or a panic first, then what is an error, then what came last. */
function bySaying(a: LogTemplate, b: LogTemplate): number {
  return weight(b) - weight(a) || b.lastLine.line - a.lastLine.line
}

function weight(template: LogTemplate): number {
  if (template.level === 'fatal' || isPanic(template)) return 3
  return template.level === 'error' ? 2 : 1
}

function isPanic({ classes }: LogTemplate): boolean {
  return classes.includes('panic')
}

/** Cites a line that a summary holds. */
export function citeLogLine(path: string, { line, text }: LogLine): Citation {
  return citeLine(path, line, text)
}
