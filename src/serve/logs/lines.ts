import { isGap, LONGEST_GAP } from './gap.ts'
import { timeOf, timestampLength } from './timestamp.ts'

/** How much is shown of a log's lines. */
export interface LineView {
  /** Whether the kubelet's timestamp stays before each. */
  readonly timestamps: boolean
  /** Only lines from this time on, in whole milliseconds. */
  readonly since: number
}

/**
 * Shows the lines of a captured log as the kubelet does. A line of any length passes in pieces; only its beginning is looked at. What bears
 * no timestamp (the rest of a line that was cut within, a log of a kubelet that gives none) is shown as it is, and so is a gap, unless
 * what follows it is too old to be shown.
 */
export async function* showLines(chunks: AsyncIterable<Buffer>, view: LineView): AsyncGenerator<Buffer> {
  if (view.timestamps && view.since === Number.NEGATIVE_INFINITY) return yield* chunks
  const cutter = createCutter(view)
  for await (const chunk of chunks) yield* cutter.add(chunk)
  yield* cutter.end()
}

const NEWLINE = 10

const NONE: Buffer = Buffer.alloc(0)

/** How much of a line tells what it is: a gap as a whole, any other by the timestamp before it. */
const HEAD_BYTES = LONGEST_GAP

interface Cutter {
  add(chunk: Buffer): Iterable<Buffer>
  end(): Iterable<Buffer>
}

function createCutter(view: LineView): Cutter {
  const isBounded = view.since > Number.NEGATIVE_INFINITY
  let undecided = NONE
  /** Whether the rest of the line that is passing is shown; undefined between lines. */
  let passing: boolean | undefined
  /** A gap of which nobody knows yet whether anything behind it is shown. */
  let gap = NONE

  function cut(bytes: Buffer, isEnd: boolean): Buffer {
    const shown = Buffer.allocUnsafe(gap.length + bytes.length)
    let length = 0
    let at = 0
    while (at < bytes.length) {
      const newline = bytes.indexOf(NEWLINE, at)
      if (passing === undefined && newline < 0 && bytes.length - at < HEAD_BYTES && !isEnd) break
      const end = newline < 0 ? bytes.length : newline + 1
      let from = at
      if (passing === undefined) {
        const head = judge(bytes, at, end)
        length += head.before.copy(shown, length)
        from += head.cut
        passing = head.isShown
      }
      if (passing) length += bytes.copy(shown, length, from, end)
      if (newline >= 0) passing = undefined
      at = end
    }
    undecided = bytes.subarray(at)
    return shown.subarray(0, length)
  }

  /** What becomes of the line that begins here: what is shown before it, whether it is, and without how many of its bytes. */
  function judge(bytes: Buffer, at: number, end: number): { before: Buffer; isShown: boolean; cut: number } {
    const held = gap
    gap = NONE
    if (isGap(bytes, at)) {
      gap = Buffer.from(bytes.subarray(at, end))
      return { before: held, isShown: false, cut: 0 }
    }
    const stamp = timestampLength(bytes, at)
    const isShown = !(isBounded && timeOf(bytes, at, stamp) < view.since)
    return { before: isShown ? held : NONE, isShown, cut: view.timestamps ? 0 : stamp }
  }

  return {
    *add(chunk) {
      const shown = cut(undecided.length === 0 ? chunk : Buffer.concat([undecided, chunk]), false)
      if (shown.length > 0) yield shown
    },
    *end() {
      const shown = Buffer.concat([cut(undecided, true), gap])
      if (shown.length > 0) yield shown
    },
  }
}
