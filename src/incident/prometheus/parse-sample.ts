/** One sample of the text format of Prometheus. */
export interface ParsedSample {
  readonly labels: Readonly<Record<string, string>>
  /** May be infinite, or NaN. */
  readonly value: number
  /** In milliseconds, where the exporter gave one. */
  readonly at: number | undefined
}

/**
 * Reads what follows the name of a sample: `{label="value"} 1.5 1700000000000 # exemplar`; undefined for what is none
 * (https://prometheus.io/docs/instrumenting/exposition_formats/, OpenMetrics 1.0 for exemplars and seconds).
 */
export function parseSample(line: string, afterName: number): ParsedSample | undefined {
  const start = skipSpace(line, afterName)
  const labels: Record<string, string> = {}
  const end = line.charCodeAt(start) === OPEN ? readLabels(line, start + 1, labels) : start
  if (end === undefined) return undefined
  const [value = '', time] = tokensOf(line, end)
  const number = parseValue(value)
  return number === undefined ? undefined : { labels, value: number, at: parseTime(time) }
}

/** `{`, `}`, `,`, `"`, a backslash, space, tab and `#` as character codes: comparing numbers makes no strings. */
const OPEN = 123
const CLOSE = 125
const COMMA = 44
const QUOTE = 34
const BACKSLASH = 92
const SPACE = 32
const TAB = 9
const HASH = 35

/** Fills in the labels and gives the place behind the closing brace. Every turn moves on, or gives up. */
function readLabels(line: string, from: number, labels: Record<string, string>): number | undefined {
  let place = skipSpace(line, from)
  while (line.charCodeAt(place) !== CLOSE) {
    const equals = line.indexOf('=', place)
    if (equals < 0) return undefined
    const open = skipSpace(line, equals + 1)
    const close = line.charCodeAt(open) === QUOTE ? endOfString(line, open + 1) : undefined
    if (close === undefined) return undefined
    const key = line.slice(place, equals).trim()
    if (key !== '__proto__') labels[key] = unquote(line, open + 1, close)
    place = skipSpace(line, close + 1)
    if (line.charCodeAt(place) === COMMA) place = skipSpace(line, place + 1)
    else if (line.charCodeAt(place) !== CLOSE) return undefined
  }
  return place + 1
}

/** The closing quote: one before which an even number of backslashes stands. */
function endOfString(line: string, from: number): number | undefined {
  for (let quote = line.indexOf('"', from); quote >= 0; quote = line.indexOf('"', quote + 1)) {
    let slashes = 0
    while (quote - slashes > from && line.charCodeAt(quote - slashes - 1) === BACKSLASH) slashes++
    if (slashes % 2 === 0) return quote
  }
  return undefined
}

function unquote(line: string, from: number, to: number): string {
  const text = line.slice(from, to)
  if (!text.includes('\\')) return text
  return text.replace(/\\([\\"n])/g, (_, one) => (one === 'n' ? '\n' : one))
}

/** What stands behind the labels: a value and perhaps a time; an exemplar begins with `#`. */
function tokensOf(line: string, from: number): string[] {
  const tokens: string[] = []
  let place = skipSpace(line, from)
  while (place < line.length && tokens.length < 2 && line.charCodeAt(place) !== HASH) {
    let end = place
    while (end < line.length && !isSpace(line.charCodeAt(end))) end++
    tokens.push(line.slice(place, end))
    place = skipSpace(line, end)
  }
  return tokens
}

/** As Go's ParseFloat reads it; what is no number is no sample. */
function parseValue(text: string): number | undefined {
  const known = { '+Inf': Number.POSITIVE_INFINITY, Inf: Number.POSITIVE_INFINITY, '-Inf': Number.NEGATIVE_INFINITY }
  if (Object.hasOwn(known, text)) return known[text as keyof typeof known]
  if (text === 'NaN') return Number.NaN
  const value = text === '' ? Number.NaN : Number(text)
  return Number.isNaN(value) ? undefined : value
}

/** Milliseconds are written without a fraction and have had twelve digits since 2001; OpenMetrics writes seconds. */
const LEAST_MILLISECONDS = 1e11

function parseTime(text: string | undefined): number | undefined {
  const time = text === undefined ? Number.NaN : Number(text)
  if (!Number.isFinite(time) || time <= 0) return undefined
  return time < LEAST_MILLISECONDS ? time * 1000 : time
}

function skipSpace(line: string, from: number): number {
  let place = from
  while (isSpace(line.charCodeAt(place))) place++
  return place
}

function isSpace(code: number): boolean {
  return code === SPACE || code === TAB || code === 13
}
