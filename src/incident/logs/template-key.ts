/** No more of a line tells it from others. */
const LONGEST_KEY = 400

/** A quoted name is no longer than this. */
const LONGEST_NAME = 80

/**
 * What stays of a text when its variable parts are taken out: words with a digit (numbers, durations, times, addresses, ids), hexadecimal
 * runs, quoted names and the random ends of pods' names become `#`. Lines with equal keys are one template.
 */
export function templateKey(text: string): string {
  let key = ''
  let at = 0
  while (at < text.length && key.length < LONGEST_KEY) {
    const code = text.charCodeAt(at)
    if (isWord(code)) {
      const end = endOfWord(text, at)
      key = addWord(key, text, at, end)
      at = end
    } else if (isSpace(code)) {
      if (!key.endsWith(' ')) key += ' '
      at += 1
    } else {
      const end = isQuote(code) ? endOfQuotedName(text, at) : 0
      key += end > 0 ? '"#"' : text[at]
      at = end > 0 ? end : at + 1
    }
  }
  return key
}

/** `10.0.0.1:80`, `1m30.5s` and a UUID are one variable part each: what joins two of them goes as well. */
function addWord(key: string, text: string, from: number, end: number): string {
  if (!isVariable(text, from, end)) return key + text.slice(from, end)
  const isJoined =
    key.length > 1 && key.charCodeAt(key.length - 2) === HASH && JOINTS.includes(key.charAt(key.length - 1))
  return isJoined ? key.slice(0, -1) : key.endsWith('#') ? key : `${key}#`
}

function isVariable(text: string, from: number, end: number): boolean {
  let isHex = true
  let isSuffix = end - from === POD_SUFFIX && text.charCodeAt(from - 1) === DASH
  for (let at = from; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code >= ZERO && code <= NINE) return true
    const letter = code | 0x20
    if (letter < SMALL_A || letter > SMALL_F) isHex = false
    if (VOWELS.includes(text.charAt(at))) isSuffix = false
  }
  const isBesideDash = text.charCodeAt(from - 1) === DASH || text.charCodeAt(end) === DASH
  return isSuffix || (isHex && (end - from >= 8 || (isBesideDash && end - from >= 4)))
}

/** Where a quoted name ends, without blanks in it; 0 if what begins here is none. An apostrophe within a word is no quote. */
function endOfQuotedName(text: string, at: number): number {
  if (at > 0 && isWord(text.charCodeAt(at - 1))) return 0
  const quote = text.charCodeAt(at)
  const limit = Math.min(text.length, at + LONGEST_NAME)
  for (let end = at + 1; end < limit; end++) {
    const code = text.charCodeAt(end)
    if (code === quote) return end > at + 1 && !isWord(text.charCodeAt(end + 1)) ? end + 1 : 0
    if (isSpace(code)) return 0
  }
  return 0
}

function endOfWord(text: string, from: number): number {
  let end = from + 1
  while (end < text.length && isWord(text.charCodeAt(end))) end += 1
  return end
}

function isWord(code: number): boolean {
  const letter = code | 0x20
  return (
    (letter >= SMALL_A && letter <= SMALL_Z) || (code >= ZERO && code <= NINE) || code === UNDERSCORE || code > 0x7f
  )
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d)
}

function isQuote(code: number): boolean {
  return code === 0x22 || code === 0x27 || code === 0x60
}

/** The random end of a pod's name has five characters without vowels (k8s.io/apimachinery, util/rand). */
const POD_SUFFIX = 5
const VOWELS = 'aeiouAEIOUy'
const JOINTS = '.:-/,+'
const HASH = 0x23
const DASH = 0x2d
const UNDERSCORE = 0x5f
const ZERO = 0x30
const NINE = 0x39
const SMALL_A = 0x61
const SMALL_F = 0x66
const SMALL_Z = 0x7a
