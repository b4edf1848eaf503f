import type { LogLine } from './log-summary.ts'
import { stampLength, timeOf } from './stamp.ts'

/** Where a line stands while its chunk is in memory: without the line's end, and no longer than is looked at. */
export interface RawLine {
  readonly bytes: Buffer
  readonly from: number
  readonly to: number
  /** Counted from 1. */
  readonly number: number
}

/** What a template or a tail quotes of a line. */
const LONGEST_TEXT = 1000

/** The line in its exact words, decoded. */
export function decodeLine({ bytes, from, to, number }: RawLine): LogLine {
  const stamp = stampLength(bytes, from, to)
  return quoteLine(number, timeOf(bytes, from, stamp), bytes.toString('utf8', from + stamp, to))
}

export function quoteLine(line: number, at: number | undefined, text: string): LogLine {
  return at === undefined ? { line, text: cutText(text) } : { line, at, text: cutText(text) }
}

/** Never within a character of two halves. */
function cutText(text: string): string {
  if (text.length <= LONGEST_TEXT) return text
  const last = text.charCodeAt(LONGEST_TEXT - 1)
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? LONGEST_TEXT - 1 : LONGEST_TEXT)
}
