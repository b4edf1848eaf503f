import { MARKER_ANYWHERE } from './pseudonym.ts'
import { endOfQuoted } from './quoted.ts'
import { isHarmlessSecret, isSensitiveName } from './shape.ts'
import type { Mark } from './tokens.ts'

/** A name and what stands between it and its value: `name=`, `name: `, `"name":`, `name => `, `[name]=`, `name%3D`; quotes escaped or not, in colours or not. */
const NAMED =
  /(?<![\w.-])([\w.-]{2,128})(\\*["'\])]?(?:[^\s\w]\[[\d;]{0,8}m){0,2}\s{0,3}(?:=>|:=|[=:]|%3[AaDd])(?:[^\s\w]\[[\d;]{0,8}m){0,2}\s{0,3})/
/** A flag and its value, apart. */
const FLAG = /(?<![\w.-])(--?[A-Za-z][\w.-]{1,64})(\s{1,3})(?!-)/
const HEAD = new RegExp(`${MARKER_ANYWHERE.source}|${NAMED.source}|${FLAG.source}`, 'g')

/** Words of which one is in every name that says secret. */
export const PAIR_HINT =
  /pass|pwd|secret|token|credential|(?:api|access|private|account|encryption|signing|master|auth|session|tls|ssl|ssh|jwt|hmac|license|aes|rsa|deploy|webhook|app).?key|key.?data|connection.?string|connstr|authorization|bearer|cookie|signature|user-?data|presigned|session.?id|docker|(?<![a-z])(?:salt|otp|jwt|sas|dsn|pin)(?![a-z])/i

/** RFC 7235 schemes: what follows is the secret. */
const SCHEME = /(?:bearer|basic|token|digest|apikey|negotiate)\s+/iy
/** A marker, or a text that pretends to be one: either is not read twice. */
const MARKED = /\[?\s{0,3}\\{0,40}["'`]?<redacted:/y
const OPENING = /\[?\s{0,3}(\\*)(["'`])/y
/** Without quotes a value ends where a list, an object or a pair of parentheses would go on: at a comma before the next name, not at one in between. */
const BARE = /(?:[^\s"'`\\,;&)}\]]|\\(?![nrt"'\\])|[,;)}\]](?![\w.-]{1,64}[=:])(?=[^\s"'`\\,;&)}\]]+(?:\s|$))){3,4000}/y

/** Characters of a quoted value that is looked at; longer than a private key. */
const LONGEST = 20_000

/** Replaces, in prose and in settings, the value that follows a name which says secret. Markers pass unchanged. */
export function redactPairs(text: string, mark: Mark): string {
  if (!PAIR_HINT.test(text)) return text
  let redacted = ''
  let at = 0
  HEAD.lastIndex = 0
  for (let head = HEAD.exec(text); head !== null; head = HEAD.exec(text)) {
    const [, name, between = '', flag] = head
    if (!isSensitiveName(name ?? flag ?? '')) continue
    const values = valuesAt(text, HEAD.lastIndex)
    for (const { start, end } of values) {
      const value = text.slice(start, end)
      if (isHarmlessSecret(value) || value.startsWith('<redacted:') || isProse(between, text, start, end)) continue
      redacted += text.slice(at, start) + mark('key', value)
      at = end
    }
    HEAD.lastIndex = Math.max(HEAD.lastIndex, at)
  }
  return at === 0 ? text : redacted + text.slice(at)
}

interface Span {
  readonly start: number
  readonly end: number
}

/** Where the value stands, unless it is a marker already: within its quotes, or as far as it goes without; the strings of a list, one by one. */
function valuesAt(text: string, from: number): Span[] {
  SCHEME.lastIndex = from
  const begin = SCHEME.test(text) ? SCHEME.lastIndex : from
  MARKED.lastIndex = begin
  if (MARKED.test(text)) return []
  const quoted = quotedAt(text, begin)
  if (!quoted) {
    BARE.lastIndex = begin
    return BARE.test(text) ? [{ start: begin, end: BARE.lastIndex }] : []
  }
  const spans = [quoted.span]
  if (text[begin] !== '[') return spans
  for (let behind = quoted.behind; ; ) {
    const comma = /^\s{0,3},/.exec(text.slice(behind, behind + 4))
    const next = comma ? quotedAt(text, behind + comma[0].length) : undefined
    if (!next) return spans
    spans.push(next.span)
    behind = next.behind
  }
}

function quotedAt(text: string, from: number): { span: Span; behind: number } | undefined {
  OPENING.lastIndex = from
  const opening = OPENING.exec(text)
  if (!opening) return undefined
  const start = OPENING.lastIndex
  const span = { start, end: endOfQuoted(text, start, opening[2] ?? '', (opening[1] ?? '').length, LONGEST) }
  return { span, behind: span.end + (opening[1] ?? '').length + 1 }
}

/** Words that go on with a sentence: "token: expired", "password: must be set", "fetch token: serviceaccounts … is forbidden". */
const PROSE = new Set(
  'a an the is was are has have had not no none nil null must should could can cannot may will does did failed failure fail error invalid expired missing denied forbidden unauthorized unknown unexpected unable empty required optional wrong incorrect malformed unsupported mismatch revoked rotated refreshed renewed created updated deleted loaded found ok success timeout context connection operation rpc dial read write open get post put patch head delete http x509 tls secrets serviceaccounts pods nodes configmaps permission flag option for from in of on or to and with'.split(
    ' ',
  ),
)

/**
 * Whether a sentence goes on, instead of a value: behind a colon and a space (or a flag) one of its common words, a word with more words
 * behind it, or the next link of a chain of Go errors.
 */
function isProse(between: string, text: string, start: number, end: number): boolean {
  if (between !== '' && !/^:\s/.test(between)) return false
  const value = text.slice(start, end)
  if (PROSE.has(value.toLowerCase())) return true
  if (between === '') return false
  const behind = text.slice(end, end + 80)
  if (/^[a-z0-9/]+:$/.test(value)) return behind.startsWith(' ')
  return /^[a-z]+$/.test(value) && /^ [a-z]/.test(behind) && !/^ [\w.-]+[=:]/.test(behind)
}
