import { endOfQuoted } from './quoted.ts'

/** A piece of a text. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** RFC 7235 schemes: what follows is the secret. */
const SCHEME = /(?:bearer|basic|token|digest|apikey|negotiate)\s{1,9}/iy
/** A marker, or a text that pretends to be one: either is not read twice. */
const MARKED = /\[?\s{0,3}\\{0,40}["'`]?<redacted:/y
const OPENING = /\[?\s{0,3}(\\*)(["'`])/y
/** Of lists without quotes: of numbers, or in the flow of YAML. */
const BRACKETS = /(?:\[\s{0,9}){1,9}/y
/** An anchor or a tag of YAML, in front of a value. */
const DECORATION = /(?:[&!][\w!.-]{1,60}[ \t]{1,4}){1,2}(?=[^ \t\r\n|>])/y
/**
 * Without quotes a value ends where a list, an object or a pair of parentheses would go on: at a comma before the next name, not at one in
 * between. Spaces are those of ASCII, because bytes of other characters look like spaces where the text is no UTF-8.
 */
const BARE =
  /(?:[^ \t\r\n\f\v"'`\\,;&)}\]]|\\(?![nrt"'\\])|[,;)}\]](?![\w.-]{1,64}[=:])(?=[^ \t\r\n\f\v"'`\\,;&)}\]]+(?:[ \t\r\n\f\v]|$))){3,4000}/uy

/** Characters of a quoted value that is looked at; longer than a private key. */
const LONGEST = 20_000

/** Where the value stands, unless it is a marker already: within its quotes, or as far as it goes without; the strings of a list, one by one. */
export function valuesAt(text: string, from: number): Span[] {
  const begin = skip(DECORATION, text, skip(SCHEME, text, from))
  MARKED.lastIndex = begin
  if (MARKED.test(text)) return []
  const quoted = quotedAt(text, begin)
  if (!quoted) {
    const start = skip(BRACKETS, text, begin)
    BARE.lastIndex = start
    return BARE.test(text) ? [{ start, end: BARE.lastIndex }] : []
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

function skip(what: RegExp, text: string, at: number): number {
  what.lastIndex = at
  return what.test(text) ? what.lastIndex : at
}

function quotedAt(text: string, from: number): { span: Span; behind: number } | undefined {
  OPENING.lastIndex = from
  const opening = OPENING.exec(text)
  if (!opening) return undefined
  const start = OPENING.lastIndex
  const depth = (opening[1] ?? '').length
  const span = { start, end: endOfQuoted(text, start, opening[2] ?? '', depth, LONGEST) }
  return { span, behind: span.end + depth + 1 }
}
