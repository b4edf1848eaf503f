/** A file of the kernel with one value, and where its value stands. */
export interface KernelValue {
  readonly value: string
  /** Counted from 1. */
  readonly line: number
}

/** More files than these are no reading of ours. */
const MOST_FILES = 1000

/** Reads several files in one, as head(1) tells them apart by `==> PATH <==`, by the last part of the path; the first line of each is its value. */
export function readKernelFiles(text: string): ReadonlyMap<string, KernelValue> {
  const files = new Map<string, KernelValue>()
  let name = ''
  for (const [index, line] of text.split('\n').entries()) {
    const path = /^==> (\S{1,300}) <==$/.exec(line)?.[1]
    const value = line.trim()
    if (path !== undefined) name = path.slice(path.lastIndexOf('/') + 1)
    else if (name !== '' && value !== '' && !files.has(name) && files.size < MOST_FILES)
      files.set(name, { value, line: index + 1 })
  }
  return files
}
