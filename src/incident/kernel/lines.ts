import type { BundleReader } from '../../bundle/reader.ts'
import { type PartLine, readParts } from '../file-parts.ts'
import { createLineCutter } from '../logs/line-cutter.ts'

/** A whole line, and its number from 1. */
export type TakeLine = (text: string, line: number) => void

/** The same within a part of a file that holds several. */
export type TakeSectionLine = (path: string, text: string, line: number) => void

/** Collectors keep 4 MiB of a file at most: more than this is none of theirs. */
const LONGEST_FILE = 16 * 1024 * 1024

/** Shows the whole lines of a file. What stands behind the last newline was cut off, and half a number is another one: it is left out. */
export async function readLines(bundle: BundleReader, file: string, take: TakeLine): Promise<void> {
  if (isTooLong(bundle, file)) return
  const cutter = createLineCutter((bytes, from, to, line) => take(bytes.toString('utf8', from, to), line))
  try {
    for await (const chunk of bundle.stream(file)) cutter.add(chunk)
  } catch {
    // What cannot be read of it is not known.
  }
}

/** Shows the lines of files that lie in one, each with the path of its own. */
export async function readSections(bundle: BundleReader, file: string, take: TakeSectionLine): Promise<void> {
  if (isTooLong(bundle, file)) return
  const takePart = ({ path, text, line }: PartLine): void => {
    if (path !== '') take(path, text, line)
  }
  await readParts(bundle.stream(file), takePart).catch(() => undefined)
}

/** Also what is not there. */
function isTooLong(bundle: BundleReader, file: string): boolean {
  return (bundle.files.get(file) ?? LONGEST_FILE + 1) > LONGEST_FILE
}
