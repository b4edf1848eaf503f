import type { BundleReader } from '../../bundle/reader.ts'
import { isGap, LONGEST_GAP } from './gap.ts'

/** A log is searched from its end in steps of this many bytes. */
const STEP = 256 * 1024

const NEWLINE = 10

/**
 * Where the last lines of a log of `size` bytes begin. A last line that was not ended counts. A gap is no line of the log: it comes along where it lies
 * between two that are asked for.
 */
export async function findTail(bundle: BundleReader, path: string, lines: number, size: number): Promise<number> {
  if (lines === 0) return size
  let left = lines
  let known: Buffer = Buffer.alloc(0)
  for (let end = size; end > 0; end -= STEP) {
    const start = Math.max(0, end - STEP)
    const part = await bundle.readRange(path, start, end - start)
    // What follows is needed to know a gap that begins in this step and ends in the next.
    const bytes = Buffer.concat([part, known.subarray(0, LONGEST_GAP)])
    for (let at = part.lastIndexOf(NEWLINE); at >= 0; at = at === 0 ? -1 : part.lastIndexOf(NEWLINE, at - 1)) {
      const begin = start + at + 1
      if (begin === size || isGap(bytes, at + 1)) continue
      left--
      if (left === 0) return begin
    }
    known = bytes
  }
  return 0
}
