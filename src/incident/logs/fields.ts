/** What a structured line says, apart from its punctuation. */
export interface LineText {
  /** What is to be classified: the whole line, or the values of a JSON line that hold words. */
  readonly words: string
  /** Where else it may name what it called. */
  readonly places: string
}

/** The words of a line: those of its message and error if it is JSON. It may be cut off anywhere. */
export function readText(text: string): LineText {
  if (text.charCodeAt(0) !== BRACE) return { words: text, places: '' }
  const words: string[] = []
  const places: string[] = []
  for (const [key, value] of stringsOf(text)) {
    if (WORDS.has(key)) words.push(value)
    else if (PLACES.has(key)) places.push(value)
  }
  const [, status] = STATUS.exec(text) ?? []
  if (status !== undefined) words.push(`status code ${status}`)
  return words.length === 0 ? { words: text, places: '' } : { words: words.join('\n'), places: places.join(' ') }
}

const WORDS = new Set(
  'msg message @m @mt @x error err error.message exception stack stacktrace stack_trace error.stack_trace exc_info errormessage error_message errorverbose cause reason detail details description log event err.message textpayload'.split(
    ' ',
  ),
)
const PLACES = new Set('url uri upstream endpoint addr address target server dsn broker'.split(' '))

/** Of an access log in JSON: the request failed, whatever its message says. */
const STATUS = /"(?:status|status_?code|response_code|http\.status_code)"\s{0,2}:\s{0,2}"?(50[234]|429)\b/i

const BRACE = 0x7b
const BACKSLASH = 0x5c

/** The strings of a JSON text with their keys, in lower case, at any depth: read in one pass, so that a text cut off gives what it has. */
function* stringsOf(text: string): Generator<readonly [key: string, value: string]> {
  let key = ''
  let at = text.indexOf('"')
  while (at >= 0) {
    const end = endOfString(text, at)
    const raw = text.slice(at + 1, end)
    const follows = afterBlanks(text, end + 1)
    if (text[follows] === ':') key = raw.toLowerCase()
    else if (raw !== '') yield [key, unescapeJson(raw)]
    at = text.indexOf('"', end + 1)
  }
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text.charCodeAt(at) === BACKSLASH ? 2 : 1
  return Math.min(at, text.length)
}

function afterBlanks(text: string, from: number): number {
  let at = from
  while (text[at] === ' ') at += 1
  return at
}

function unescapeJson(raw: string): string {
  if (!raw.includes('\\')) return raw
  return raw.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, hex: string | undefined, char: string | undefined) =>
    hex === undefined ? (ESCAPES[char ?? ''] ?? char ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: ' ', t: '\t', b: ' ', f: ' ' }
