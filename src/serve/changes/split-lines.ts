/** A line of a file, without its end, and where in the file it begins. */
export interface Line {
  readonly start: number
  /** Undefined where it is too long to be kept. */
  readonly bytes: Buffer | undefined
}

/** A line holds one object, of at most 1.5 MiB in etcd (--max-request-bytes); this is what the capture takes at the most. */
const LONGEST_LINE = 16 * 1024 * 1024

const NEWLINE = 10

/** Cuts a stream into lines; empty ones are left out, and of one that is too long only the place is known. */
export async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let pending: Buffer[] = []
  let start = 0
  let length = 0

  function add(part: Buffer): void {
    length += part.length
    if (length <= LONGEST_LINE) pending.push(part)
    else pending = []
  }

  function take(): Line {
    const line = { start, bytes: length > LONGEST_LINE ? undefined : Buffer.concat(pending) }
    start += length + 1
    length = 0
    pending = []
    return line
  }

  for await (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      add(chunk.subarray(from, end))
      from = end + 1
      const line = take()
      if (line.bytes?.length !== 0) yield line
    }
    add(chunk.subarray(from))
  }
  if (length > 0) yield take()
}
