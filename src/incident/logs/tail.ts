import { decodeLine, type RawLine } from './line.ts'
import type { LogLine } from './log-summary.ts'

const LINES = 20

/** The last lines of a log. */
export interface Tail {
  add(line: RawLine): void
  /** Decodes what came since: the bytes of the lines are about to go. */
  settle(): void
  lines(): readonly LogLine[]
}

/** Decodes only the last lines of each chunk, because most lines are soon followed by others. */
export function createTail(): Tail {
  const recent: RawLine[] = []
  let settled: LogLine[] = []
  let next = 0
  return {
    add(line) {
      recent[next % LINES] = line
      next += 1
    },
    settle() {
      const first = Math.max(next - LINES, 0)
      for (let at = first; at < next; at++) {
        const line = recent[at % LINES]
        if (line) settled.push(decodeLine(line))
      }
      settled = settled.slice(-LINES)
      recent.length = 0
      next = 0
    },
    lines: () => settled,
  }
}
