import type { Mark } from './pattern.ts'

/** PEM, RFC 7468, and PGP's "BLOCK", RFC 9580; certificates and public keys are public and stay. */
const BOUNDARY = /-----(BEGIN|END) (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g

/** Characters that a key may have: RSA of 16,384 bits has 13,000, and every line of a log has its timestamp. */
const LONGEST = 30_000

/** What `timestamps=true` puts in front of every line of a log. */
const TIMESTAMP = /\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d) /g

/** A line of a key: its base64, or a header of RFC 1421; behind whatever a logger puts in front of it. */
const KEY_LINE =
  /(?<=^|[\s"'|>])(?:[A-Za-z0-9+/]{16,}={0,2}|[A-Za-z0-9+/]{1,15}={1,2}|(?:Proc-Type|DEK-Info):[\w ,-]*)$/

/** Ends of lines, also as JSON writes them, at any depth of quoting; a run of backslashes is tried from its first one only. */
const LINE_END = /(\r?\n|(?<!\\)\\+r\\+n|(?<!\\)\\+n)/

/**
 * Replaces private keys as wholes: from BEGIN to END, or, where a gap or an end of the text has cut one of them off, as far as the lines
 * are those of a key. The pseudonym is that of the key without the timestamps of its lines.
 */
export function redactPrivateKeys(text: string, mark: Mark): string {
  const boundaries = [...text.matchAll(BOUNDARY)]
  let redacted = ''
  let at = 0
  for (const [n, boundary] of boundaries.entries()) {
    const [words, side] = boundary
    const behind = boundary.index + words.length
    if (behind <= at) continue
    const next = boundaries[n + 1]
    let start = boundary.index
    let end = behind
    if (side === 'END') start = startOfRest(text, Math.max(at, endOf(boundaries[n - 1])), start)
    else if (next?.[1] === 'END' && next.index - behind <= LONGEST) end = next.index + next[0].length
    else end = endOfRest(text, behind, next?.index ?? text.length)
    if (side === 'END' ? start === boundary.index : end === behind) continue
    redacted += text.slice(at, start) + mark('private-key', text.slice(start, end).replace(TIMESTAMP, ''))
    at = end
  }
  return at === 0 ? text : redacted + text.slice(at)
}

function endOf(boundary: RegExpExecArray | undefined): number {
  return boundary ? boundary.index + boundary[0].length : 0
}

/** Where the key ends whose END is missing: behind the last line that is one of a key. */
function endOfRest(text: string, from: number, to: number): number {
  let end = from
  for (let at = from; at < Math.min(to, from + LONGEST); ) {
    const { line, length } = lineAt(text.slice(at, Math.min(to, at + LONGEST)))
    const key = keyOn(line)
    if (key) end = at + key.index + key[0].length
    else if (line.replace(TIMESTAMP, '').trim() !== '') break
    at += length
  }
  return Math.min(end, to)
}

/** What a line holds of a key; quotes, commas and spaces may stand behind it. */
function keyOn(line: string): RegExpExecArray | null {
  let end = line.length
  while (end > 0 && /[\s"',]/.test(line[end - 1] ?? '')) end--
  return KEY_LINE.exec(line.slice(0, end))
}

function lineAt(text: string): { line: string; length: number } {
  const found = LINE_END.exec(text)
  if (!found) return { line: text, length: text.length }
  return { line: text.slice(0, found.index), length: found.index + found[0].length }
}

/** Where the key begins whose BEGIN is missing: at the first of the lines before its END that are all lines of a key. */
function startOfRest(text: string, from: number, to: number): number {
  const before = text.slice(Math.max(from, to - LONGEST), to)
  const lines = before.split(LINE_END)
  // The last piece stands on the line of END itself: a timestamp, or nothing.
  let start = to
  let length = (lines.at(-1) ?? '').length
  for (let n = lines.length - 3; n >= 0; n -= 2) {
    const line = lines[n] ?? ''
    const key = keyOn(line)
    if (!key) break
    length += line.length + (lines[n + 1] ?? '').length
    start = to - length + key.index
  }
  return start
}
