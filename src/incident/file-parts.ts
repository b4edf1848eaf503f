import { createLineCutter } from './logs/line-cutter.ts'

/** A line of a file of the kernel. */
export interface PartLine {
  /** The file, where several stand in one; empty before the first of them. */
  readonly path: string
  /** Counted from 1, in the file of the bundle. */
  readonly line: number
  readonly text: string
}

/** `==> PATH <==`, as head(1) writes it; behind a file that was cut within a line it stands at the end of that. */
const HEADING = /==> (\/\S{1,1000}) <==$/

/**
 * Reads files of the kernel as they come, one or several in one file of the bundle. Holds one chunk and one line. The kernel ends every line: a last
 * one without an end was cut off, and a part of a number is another number.
 */
export async function readParts(chunks: AsyncIterable<Buffer>, take: (line: PartLine) => void): Promise<void> {
  let path = ''
  const lines = createLineCutter((bytes, from, to, line) => {
    const text = bytes.toString('utf8', from, to)
    const heading = text.includes('==> ') ? HEADING.exec(text) : null
    if (heading) path = heading[1] ?? ''
    else if (text !== '') take({ path, line, text })
  })
  for await (const chunk of chunks) lines.add(chunk)
}
