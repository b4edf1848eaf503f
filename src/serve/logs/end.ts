import type { BundleReader } from '../../bundle/reader.ts'
import { LONGEST_TIMESTAMP, timeOf, timestampLength } from './timestamp.ts'

const NEWLINE = 10

/** Where a log ended at a moment, in milliseconds: before the first line that is younger. What bears no timestamp goes with what it follows. */
export async function findEnd(bundle: BundleReader, path: string, moment: number): Promise<number> {
  let offset = 0
  let held: Buffer = Buffer.alloc(0)
  let isLineStart = true
  for await (const chunk of bundle.stream(path)) {
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    let at = 0
    for (;;) {
      // A line's beginning is looked at when all of it is here, or nothing more comes.
      if (isLineStart && bytes.length - at < LONGEST_TIMESTAMP) break
      if (isLineStart && isYounger(bytes, at, moment)) return offset + at
      const newline = bytes.indexOf(NEWLINE, at)
      isLineStart = newline >= 0
      at = newline < 0 ? bytes.length : newline + 1
      if (!isLineStart) break
    }
    offset += at
    held = bytes.subarray(at)
  }
  return isLineStart && isYounger(held, 0, moment) ? offset : offset + held.length
}

function isYounger(bytes: Buffer, at: number, moment: number): boolean {
  const stamp = timestampLength(bytes, at)
  return stamp > 0 && timeOf(bytes, at, stamp) > moment
}
