/** Cut points are moved to a line's end if one is this near, so that lines stay whole. */
const LINE_REACH = 64 * 1024

/** The longest gap line, with two timestamps; it is part of the budget, so that a log that was cut once is never cut again when it is replayed. */
const GAP_BYTES = 160

/** The head and the tail of a stream of any length, in memory up to a budget. */
export interface LogWindow {
  add(chunk: Buffer): void
  /** Bytes seen. */
  total(): number
  /** What comes next does not follow on what came: it is the end of a log that was left half-way. */
  skip(): void
  /** The text kept: whole, or head, gap line, tail. */
  finish(ending: LogEnding): { body: Buffer; truncated?: string }
}

/** How the stream ended: as it should, or broken off, so that nobody knows what followed. */
export type LogEnding = 'whole' | 'broken'

/** Creates a window of `budget` bytes: half for the head (what started it), half for the tail (what ended it). */
export function createLogWindow(budget: number): LogWindow {
  const headBytes = Math.floor(budget / 2)
  const tailBytes = budget - headBytes
  const head: Buffer[] = []
  let headLength = 0
  // The tail is kept as chunks, dropped from the front as soon as what follows them is enough.
  const tail: Buffer[] = []
  let tailLength = 0
  let tailSeen = 0
  let seen = 0
  let skipped = false

  function addToTail(chunk: Buffer): void {
    if (chunk.length === 0) return
    tailSeen += chunk.length
    // A copy: a slice would keep the whole network buffer alive.
    tail.push(Buffer.from(chunk.length > tailBytes ? chunk.subarray(-tailBytes) : chunk))
    tailLength += tail.at(-1)?.length ?? 0
    while (tailLength - (tail[0]?.length ?? 0) >= tailBytes) tailLength -= tail.shift()?.length ?? 0
  }

  return {
    total: () => seen,
    add(chunk) {
      seen += chunk.length
      const room = headBytes - headLength
      if (room <= 0 || skipped) return addToTail(chunk)
      const part = chunk.subarray(0, room)
      head.push(Buffer.from(part))
      headLength += part.length
      addToTail(chunk.subarray(room))
    },
    skip() {
      // Text of the middle would stand before the last lines as if these followed on it.
      tail.length = 0
      tailLength = 0
      tailSeen = 0
      skipped = true
    },
    finish(ending) {
      const first = Buffer.concat(head)
      const last = Buffer.concat(tail).subarray(-tailBytes)
      const room = Math.max(tailBytes - GAP_BYTES, 0)
      const end = last.subarray(Math.max(last.length - room, 0))
      const isTailWhole = skipped && tailSeen <= room
      const kept =
        seen <= budget && !skipped
          ? { body: Buffer.concat([first, last]) }
          : describeGap(cutHead(first), isTailWhole ? end : cutTail(end), seen, !skipped)
      return ending === 'broken' ? describeBreak(kept.body) : kept
    },
  }
}

/** The marker stands on a line of its own, in the one form that readers look for. */
function describeGap(head: Buffer, tail: Buffer, seen: number, counted: boolean) {
  const left = seen - head.length - tail.length
  const words = counted
    ? `${left} bytes left out`
    : `size unknown, between ${lastTimestamp(head) ?? 'the start'} and ${firstTimestamp(tail) ?? 'the end'}`
  return {
    body: Buffer.concat([head, gapLine(head, words), tail]),
    truncated: `head and tail of the log are kept: ${words}`,
  }
}

/** The end is missing, and so is its size. */
function describeBreak(body: Buffer) {
  const words = `size unknown, after ${lastTimestamp(body) ?? 'the start'}`
  return { body: Buffer.concat([body, gapLine(body, words)]), truncated: `the log broke off: ${words}` }
}

function gapLine(before: Buffer, words: string): Buffer {
  const newline = before.at(-1) === 10 || before.length === 0 ? '' : '\n'
  return Buffer.from(`${newline}--- freezeframe gap: ${words} ---\n`)
}

function cutHead(head: Buffer): Buffer {
  const end = head.lastIndexOf(10)
  return end >= 0 && head.length - end <= LINE_REACH ? head.subarray(0, end + 1) : head
}

function cutTail(tail: Buffer): Buffer {
  const start = tail.indexOf(10)
  return start >= 0 && start < LINE_REACH && start + 1 < tail.length ? tail.subarray(start + 1) : tail
}

/** The kubelet puts RFC 3339 with nanoseconds before each line (timestamps=true). */
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/

function firstTimestamp(text: Buffer): string | undefined {
  return TIMESTAMP.exec(text.toString('latin1', 0, 64))?.[0]
}

/** That of the last line that shows one: the very last may have been cut within. */
function lastTimestamp(text: Buffer): string | undefined {
  let end = text.length
  while (end > 0) {
    const start = end > 1 ? text.lastIndexOf(10, end - 2) + 1 : 0
    const found = firstTimestamp(text.subarray(start, end))
    if (found !== undefined) return found
    end = start
  }
  return undefined
}
