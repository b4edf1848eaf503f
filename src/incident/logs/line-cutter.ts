/** What is looked at of a line: a timestamp and 4,096 bytes. What follows is passed over, however long it is. */
const LONGEST_LINE = 36 + 4096

const NEWLINE = 10
const RETURN = 13

/** Cuts a stream of chunks into lines. A line is shown in place where it lies within a chunk, and as a copy where it spans several. */
export interface LineCutter {
  add(chunk: Buffer): void
  /** Shows what stands behind the last newline. */
  end(): void
  /** Lines shown. */
  count(): number
}

export type ShowLine = (bytes: Buffer, from: number, to: number, number: number) => void

export function createLineCutter(show: ShowLine): LineCutter {
  const carried = Buffer.allocUnsafe(LONGEST_LINE)
  let length = 0
  let isWithin = false
  let count = 0

  function carry(chunk: Buffer, from: number, to: number): void {
    isWithin = true
    length += chunk.copy(carried, length, from, Math.min(to, from + LONGEST_LINE - length))
  }

  function showCarried(): void {
    showCut(Buffer.from(carried.subarray(0, length)), 0, length)
    length = 0
    isWithin = false
  }

  function showCut(bytes: Buffer, from: number, end: number): void {
    const to = end > from && bytes[end - 1] === RETURN ? end - 1 : end
    count += 1
    show(bytes, from, Math.min(to, from + LONGEST_LINE), count)
  }

  return {
    add(chunk) {
      let from = 0
      while (from < chunk.length) {
        const newline = chunk.indexOf(NEWLINE, from)
        if (newline < 0) return carry(chunk, from, chunk.length)
        if (isWithin) {
          carry(chunk, from, newline)
          showCarried()
        } else showCut(chunk, from, newline)
        from = newline + 1
      }
    },
    end() {
      if (isWithin) showCarried()
    },
    count: () => count,
  }
}
