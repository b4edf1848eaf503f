/** A line of a log of a node, without what stands before its words. */
export interface NodeLine {
  /** In milliseconds; undefined where the line does not say it, or says it without a year, a zone or a boot that is known. */
  readonly at: number | undefined
  /** Who wrote it, `kernel` or `kubelet`; undefined where the log is of one writer. */
  readonly writer: string | undefined
  readonly text: string
}

/** What the times of a log are counted from. */
export interface LogClock {
  /** When the log was read. */
  readonly read: number
  /** When the machine started; undefined where that is not known. */
  readonly booted: number | undefined
}

/** `2026-01-31T23:59:59.123456+0000 host kernel: …`: journalctl -o short-iso-precise, rsyslog's own format. */
const ISO =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d{1,3})\d{0,6})?(Z|[+-]\d\d:?\d\d) \S{1,255} ([^\s:[]{1,128})(?:\[\d{1,10}\])?: (.*)$/

/** `Jan 31 23:59:59.123456 host kernel: …`: journalctl -o short-precise, syslog (RFC 3164). */
const SYSLOG =
  /^([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d)(?:\.(\d{1,3})\d{0,6})? \S{1,255} ([^\s:[]{1,128})(?:\[\d{1,10}\])?: (.*)$/

/** `[12345.678901] …`: seconds since the boot (dmesg), behind a name of the journal too. */
const SINCE_BOOT = /^(?:<\d{1,3}>)?\[ {0,11}(\d{1,10})\.(\d{1,9})\](?:\[ {0,8}[TC]\d{1,10}\])? (.*)$/

/** `[Sat Jan 31 23:59:59 2026] …`: dmesg --ctime, in the zone of the node. */
const CTIME = /^\[[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d) (\d{4})\] (.*)$/

/** `E0131 23:59:59.123456    1234 kubelet.go:12] …`: klog, of a kubelet that writes its log itself. */
const KLOG = /^[IWEF](\d\d)(\d\d) (\d\d:\d\d:\d\d)\.(\d{3})\d{3} {1,8}\d{1,10} (.*)$/

/** Reads how a line begins, in any of the forms in which a node keeps its logs. Of others only the words are known. */
export function readNodeLine(line: string, clock: LogClock): NodeLine {
  return (
    readIso(line) ?? readSyslog(line, clock) ?? readSinceBoot(line, clock) ?? readCtime(line) ?? readKlog(line, clock)
  )
}

function readIso(line: string): NodeLine | undefined {
  const [, time, fraction = '0', zone = 'Z', writer, words = ''] = ISO.exec(line) ?? []
  if (time === undefined) return undefined
  const offset = zone === 'Z' || zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`
  return { at: timeOf(`${time}.${fraction.padEnd(3, '0')}${offset}`), writer, text: withoutUptime(words) }
}

function readSyslog(line: string, clock: LogClock): NodeLine | undefined {
  const [, name = '', day = '', time = '', fraction = '0', writer, words = ''] = SYSLOG.exec(line) ?? []
  const month = MONTHS.indexOf(name)
  if (month < 0) return undefined
  return { at: timeInYear(month + 1, day, `${time}.${fraction}`, clock), writer, text: withoutUptime(words) }
}

function readSinceBoot(line: string, { booted }: LogClock): NodeLine | undefined {
  const [, seconds, fraction = '', text = ''] = SINCE_BOOT.exec(line) ?? []
  if (seconds === undefined) return undefined
  const at = booted === undefined ? undefined : booted + Math.round(Number(`${seconds}.${fraction}`) * 1000)
  return { at, writer: 'kernel', text }
}

/** Like all that has no zone it is taken for UTC. */
function readCtime(line: string): NodeLine | undefined {
  const [, name = '', day = '', time = '', year = '', text = ''] = CTIME.exec(line) ?? []
  const month = MONTHS.indexOf(name) + 1
  if (month === 0) return undefined
  return { at: timeOf(`${year}-${twoDigits(String(month))}-${twoDigits(day)}T${time}Z`), writer: 'kernel', text }
}

function readKlog(line: string, clock: LogClock): NodeLine {
  const [, month, day = '', time = '', fraction = '', text = ''] = KLOG.exec(line) ?? []
  if (month === undefined) return { at: undefined, writer: undefined, text: line }
  return { at: timeInYear(Number(month), day, `${time}.${fraction}`, clock), writer: undefined, text }
}

/** The kernel's own time stands behind that of the log in some. */
function withoutUptime(words: string): string {
  return SINCE_BOOT.exec(words)?.[3] ?? words
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const DAY_MS = 86_400_000

/** The latest year in which it was not after the reading: a log of last December is read in January. Without a zone it is UTC. */
function timeInYear(month: number, day: string, time: string, { read }: LogClock): number | undefined {
  const year = new Date(read).getUTCFullYear()
  const inYear = (one: number): number | undefined =>
    timeOf(`${one}-${twoDigits(String(month))}-${twoDigits(day)}T${time}Z`)
  const at = inYear(year)
  return at !== undefined && at > read + DAY_MS ? inYear(year - 1) : at
}

function twoDigits(text: string): string {
  return text.padStart(2, '0')
}

function timeOf(text: string): number | undefined {
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}
