import type { Reading } from '../counters/reading.ts'

/** The file of one sample, and when it was read. */
export interface KernelFile {
  readonly file: string
  /** By the node's uptime, in milliseconds, where a probe read it. */
  readonly at: number | undefined
  /** When the answer was complete, in milliseconds of the capture's monotonic clock. */
  readonly taken: number | undefined
}

/** Words that a citation has at most: the end of what stands before a number, with it. */
const LONGEST = 240

/** A reading out of a line: its words end with the number. Undefined for what is no number that can be counted with. */
export function readingAt(
  source: KernelFile,
  digits: string,
  { base, text, end, line }: { base: 10 | 16; text: string; end: number; line: number },
): Reading | undefined {
  const pattern = base === 10 ? /^\d{1,16}$/ : /^[0-9a-f]{1,16}$/
  const value = pattern.test(digits) ? Number.parseInt(digits, base) : Number.NaN
  if (!Number.isSafeInteger(value)) return undefined
  const { file, at, taken } = source
  return { value, at, taken, file, line, words: text.slice(Math.max(0, end - LONGEST), end) }
}
