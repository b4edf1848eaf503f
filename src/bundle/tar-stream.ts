import { checkPath } from './entry-path.ts'
import { RECORD, readTarHeader } from './tar.ts'

/** A file of a tar that was read as it came. */
export interface TarFile {
  readonly path: string
  readonly body: Buffer
}

/** How much is taken of a tar that a stranger sends. */
export interface TarLimits {
  readonly files: number
  /** Bytes of all bodies together. */
  readonly bytes: number
}

/**
 * Reads a tar as it comes, one body in memory at a time; links, devices and folders are passed over. A tar that is cut off, damaged or longer
 * than the limits ends without the rest, and the result says why. Throws BUNDLE_UNSAFE for a path that leads out of it.
 */
export async function* readTarStream(
  chunks: AsyncIterable<Buffer>,
  limits: TarLimits,
): AsyncGenerator<TarFile, string | undefined> {
  const reader = createReader(chunks)
  let files = 0
  let bytes = 0
  for (;;) {
    const record = await reader.read(RECORD)
    if (record.length < RECORD) return `it is cut off after ${files} files`
    if (record.every((byte) => byte === 0)) return undefined
    const header = readTarHeader(record)
    if (!header) return `it is damaged after ${files} files`
    files++
    bytes += header.bytes
    if (files > limits.files) return `it has more than ${limits.files} files`
    if (bytes > limits.bytes) return `it has more than ${limits.bytes} bytes`
    const body = await reader.read(header.bytes)
    if (body.length < header.bytes) return `it is cut off inside ${header.path}`
    await reader.read((RECORD - (header.bytes % RECORD)) % RECORD)
    if (header.type === '0' || header.type === '7') yield { path: checkPath(header.path), body }
  }
}

/** Reads so many bytes of what comes in pieces, or as many as there are. */
function createReader(chunks: AsyncIterable<Buffer>) {
  const source = chunks[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)
  return {
    async read(length: number): Promise<Buffer> {
      const pieces = [held.subarray(0, length)]
      let missing = length - held.length
      held = held.subarray(length)
      while (missing > 0) {
        const next = await source.next()
        if (next.done) break
        pieces.push(next.value.subarray(0, missing))
        held = next.value.subarray(missing)
        missing -= next.value.length
      }
      return Buffer.concat(pieces)
    },
  }
}
