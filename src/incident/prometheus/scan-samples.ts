import { type ParsedSample, parseSample } from './parse-sample.ts'

/** A sample whose name was asked for, with its place in the file. */
export interface ScannedSample extends ParsedSample {
  readonly name: string
  /** Counted from 1. */
  readonly line: number
  readonly text: string
}

/** A line longer than this is no sample: label values are names, paths and digests. */
const LONGEST_LINE = 64 * 1024

/** Chunks are read in steps of this many bytes: longer strings are no young objects to the garbage collector, and cost a quarter of the time. */
const STEP = 64 * 1024

/**
 * Reads a file in the text format of Prometheus as it comes and gives out the samples of some names. Most lines are of others: they are
 * told by the first bytes, and never become strings of their own. Holds one chunk and one line; what is no sample is passed over.
 */
export async function scanSamples(
  chunks: AsyncIterable<Buffer>,
  names: ReadonlySet<string>,
  take: (sample: ScannedSample) => void,
): Promise<void> {
  const scan = createScanner(names, take)
  for await (const chunk of chunks) scan.push(chunk)
  scan.end()
}

/** The same for chunks that are at hand. */
export function createScanner(
  names: ReadonlySet<string>,
  take: (sample: ScannedSample) => void,
): { push(chunk: Buffer): void; end(): void } {
  let rest = ''
  let isTooLong = false
  let line = 0
  // Samples of a name stand together: the line before tells most of what is to be known.
  let [name, isWanted] = ['', false]

  function look(text: string, from: number, end: number): void {
    line++
    if (name === '' || !text.startsWith(name, from) || !endsName(text.charCodeAt(from + name.length))) {
      name = text.slice(from, endOfName(text, from, end))
      isWanted = names.has(name)
    }
    if (isWanted) keep(toUtf8(text.slice(from, end)))
  }

  function keep(text: string): void {
    const sample = parseSample(text, name.length)
    if (sample) take({ name: toUtf8(name), ...sample, line, text: text.trimEnd() })
  }

  function push(chunk: Buffer): void {
    for (let from = 0; from < chunk.length; from += STEP) scan(chunk.subarray(from, from + STEP))
  }

  function scan(chunk: Buffer): void {
    const text = rest + chunk.toString('latin1')
    let from = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      if (isTooLong || end - from > LONGEST_LINE) line++
      else look(text, from, end)
      isTooLong = false
      from = end + 1
    }
    isTooLong ||= text.length - from > LONGEST_LINE
    rest = isTooLong ? '' : text.slice(from)
  }

  return { push, end: () => (rest === '' ? undefined : look(rest, 0, rest.length)) }
}

/** `[a-zA-Z_:][a-zA-Z0-9_:]*`, the name of a metric. */
function endOfName(text: string, from: number, end: number): number {
  let place = from
  while (place < end && isNamePart(text.charCodeAt(place))) place++
  return place
}

function isNamePart(code: number): boolean {
  return (code >= 97 && code <= 122) || code === 95 || (code >= 48 && code <= 58) || (code >= 65 && code <= 90)
}

function endsName(code: number): boolean {
  return code === 123 || code === 32 || code === 9
}

/** A copy that does not keep the chunk in memory. */
function toUtf8(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8')
}
