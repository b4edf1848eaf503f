import { MARKER_ANYWHERE } from './pseudonym.ts'

const MARKERS = new RegExp(`(${MARKER_ANYWHERE.source})`)

/**
 * Puts what was replaced in a JSON string into its raw form, so that every escape that is not replaced stays as the server wrote it
 * (Go writes `<` as `\u003c`). `originals` are the values by their markers. What cannot be followed is written anew as a whole.
 */
export function replaceInRaw(
  raw: string,
  value: string,
  redacted: string,
  originals: ReadonlyMap<string, string>,
): string {
  if (raw === value && !redacted.includes('"')) return redacted
  const pieces = redacted.split(MARKERS)
  let rawAt = 0
  let at = 0
  let written = ''
  for (const [n, piece] of pieces.entries()) {
    const original = originals.get(piece)
    const isReplaced = n % 2 === 1 && original !== undefined && value.startsWith(original, at)
    const length = isReplaced ? original.length : piece.length
    if (!isReplaced && !value.startsWith(piece, at)) return JSON.stringify(redacted).slice(1, -1)
    const rawEnd = rawAfter(raw, rawAt, length)
    written += isReplaced ? piece : raw.slice(rawAt, rawEnd)
    rawAt = rawEnd
    at += length
  }
  return at === value.length ? written : JSON.stringify(redacted).slice(1, -1)
}

/** Where `length` characters of the value end in its raw form (RFC 8259, section 7). */
function rawAfter(raw: string, from: number, length: number): number {
  let at = from
  for (let n = 0; n < length; n++) at += raw[at] !== '\\' ? 1 : raw[at + 1] === 'u' ? 6 : 2
  return at
}
