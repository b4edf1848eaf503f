import { PROGRESS } from './classes.ts'
import { classify, createHits, findHits } from './classify.ts'
import { readText } from './fields.ts'
import { readLevel } from './level.ts'
import { quoteLine, type RawLine } from './line.ts'
import { createLineCutter } from './line-cutter.ts'
import type { LogClass, LogLevel, LogSummary } from './log-summary.ts'
import { stampLength, timeOf } from './stamp.ts'
import { createTail } from './tail.ts'
import { createTemplates } from './templates.ts'
import { createTrace, isIndented, type Part } from './trace.ts'

/** Reads a container's log once, in memory that does not grow with it. */
export async function summariseLog(path: string, chunks: AsyncIterable<Buffer>): Promise<LogSummary> {
  const reading = createReading()
  const lines = createLineCutter(reading.read)
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    lines.add(chunk)
    reading.settle()
  }
  lines.end()
  reading.settle()
  return { path, bytes, lines: lines.count(), ...reading.finish() }
}

/** With the length of its timestamp. */
interface StampedLine extends RawLine {
  readonly stamp: number
}

/** libpq up to 13: `could not connect to server: Connection refused`, `Is the server running on host "db" (…) and accepting`, `TCP/IP connections on port 5432?`. */
const UNREACHED = /could not connect to server/
const WHOM = /^\s{1,8}(?:Is the server running|TCP\/IP connections on port)/
const LONGEST_QUESTION = 4096

/** The head of a trace whose cause is a connection, and which says to whom. */
const CALLER = /\bconnect(?:ing|ion)? to\b/i

interface Reading {
  read(bytes: Buffer, from: number, to: number, number: number): void
  /** To be called before the bytes of the lines go. */
  settle(): void
  finish(): Omit<LogSummary, 'path' | 'bytes' | 'lines'>
}

function createReading(): Reading {
  const levels: Record<LogLevel, number> = { fatal: 0, error: 0, warn: 0, info: 0, debug: 0, unknown: 0 }
  const templates = createTemplates()
  const tail = createTail()
  const trace = createTrace()
  const hits = createHits()
  let first: number | undefined
  let last: number | undefined
  let latest: StampedLine | undefined
  let headLevel: LogLevel = 'unknown'
  let headLine = 0
  /** What the head says of whom its causes called: .NET names the address in the one and the error in the others. */
  let headWords = ''
  let question = ''
  let gapped = false
  let frames = 0

  function read(bytes: Buffer, from: number, to: number, number: number): void {
    const stamp = stampLength(bytes, from, to)
    const line = { bytes, from, to, number, stamp }
    if (stamp === 0 && isGap(bytes, from, to)) {
      skip()
      return
    }
    if (stamp > 0) {
      first ??= timeOf(bytes, from, stamp)
      latest = line
    }
    if (isBlank(bytes, from + stamp, to)) return
    tail.add(line)
    judge(line)
  }

  /** Most lines say nothing that a rule asks for: no level above info, no word of a class. */
  function judge(line: StampedLine): void {
    const { bytes, to } = line
    const from = line.from + line.stamp
    hits.fill(0)
    const hasWords = findHits(bytes, from, to, hits)
    const start = bytes.toString('latin1', from, to)
    const named = readLevel(start)
    const isPart = named === 'unknown' || isIndented(start) || trace.awaits(start)
    const part = isPart ? trace.read(start) : 'head'
    if (named !== 'unknown' && part === 'head') {
      trace.reset()
      trace.read(start)
    }
    keep(line, part, named, hasWords)
  }

  function keep(line: StampedLine, part: Part, named: LogLevel, hasWords: boolean): void {
    if (part === 'head') {
      headLine = line.number
      headWords = ''
    }
    if (part === 'frame') {
      frames += 1
      levels.unknown += 1
      return
    }
    if (question !== '' && part === 'more' && answer(line)) return
    const isLoud = named === 'warn' || named === 'error' || named === 'fatal' || part === 'cause'
    if (!isLoud && !hasWords) {
      levels[named] += 1
      if (part === 'head') headLevel = named
      return
    }
    const { bytes, from, to, stamp, number } = line
    const text = bytes.toString('utf8', from + stamp, to)
    const { words, places: own } = readText(text)
    const places = part === 'cause' && own === '' ? headWords : own
    const classes = hasWords ? classify(words, hits, isLoud) : []
    const level = levelOf(named, part, classes, headLevel)
    levels[level] += 1
    if (part === 'head') {
      headLevel = level
      headWords = CALLER.test(words) ? words.slice(0, LONGEST_QUESTION) : ''
    }
    question = UNREACHED.test(words) ? words : ''
    if (isLoud || classes.length > 0)
      templates.add({
        level,
        classes,
        words,
        places,
        line: quoteLine(number, timeOf(bytes, from, stamp), text),
        head: headLine || number,
      })
  }

  /** libpq says on the next two lines whom it could not reach. */
  function answer({ bytes, from, to, stamp }: StampedLine): boolean {
    const text = bytes.toString('utf8', from + stamp, to)
    if (!WHOM.test(text)) return false
    question = `${question} ${text.trim()}`.slice(0, LONGEST_QUESTION)
    templates.addPlaces(question)
    levels.unknown += 1
    return true
  }

  function skip(): void {
    gapped = true
    trace.reset()
    headLevel = 'unknown'
    headLine = 0
  }

  return {
    read,
    settle() {
      tail.settle()
      if (latest) last = timeOf(latest.bytes, latest.from, latest.stamp) ?? last
      latest = undefined
    },
    finish: () => ({
      ...(first === undefined ? {} : { first }),
      ...(last === undefined ? {} : { last }),
      templates: templates.list(),
      dropped: templates.dropped(),
      levels,
      tail: tail.lines(),
      gapped,
      frames,
    }),
  }
}

/** The level that a line has by its own mark, by the line it belongs to, or by what it means. */
function levelOf(named: LogLevel, part: Part, classes: readonly LogClass[], head: LogLevel): LogLevel {
  const level = named === 'unknown' && part !== 'head' ? head : named
  const isFailure = part === 'cause' || classes.some((one) => !PROGRESS.has(one))
  return level === 'unknown' && isFailure ? 'error' : level
}

function isBlank(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if ((bytes[at] ?? 0) > 0x20) return false
  return true
}

const GAP_START = Buffer.from('--- freezeframe gap: ')
const GAP_END = Buffer.from(' ---')

/** What the capture wrote where bytes are missing (docs/bundle-format.md). */
function isGap(bytes: Buffer, from: number, to: number): boolean {
  return (
    bytes[from] === GAP_START[0] &&
    bytes.subarray(from, Math.min(to, from + GAP_START.length)).equals(GAP_START) &&
    bytes.subarray(Math.max(from, to - GAP_END.length), to).equals(GAP_END)
  )
}
