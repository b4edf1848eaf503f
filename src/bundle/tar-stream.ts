import { checkPath } from './entry-path.ts'
import { type Extension, LONGEST_EXTENSION, parseExtension, RECORD, readTarHeader } from './tar.ts'

/** A file of a tar that was read as it came. */
export interface TarFile {
  readonly path: string
  readonly body: Buffer
  /** Its whole length; the body is shorter where only the end was kept. */
  readonly bytes: number
}

/** How much is taken of a tar that a stranger sends. */
export interface TarLimits {
  readonly files: number
  /** Bytes of all bodies together, as far as they are kept. */
  readonly bytes: number
  /** Bytes at the end of a body that are kept, given its path; without this, all. */
  readonly tail?: (path: string) => number
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
  let extension: Extension = {}
  let files = 0
  let kept = 0
  for (;;) {
    const record = await reader.read(RECORD)
    if (record.length < RECORD) return `it is cut off after ${files} files`
    if (record.every((byte) => byte === 0)) return undefined
    const entry = readEntry(record, extension)
    if (!entry) return `it is damaged after ${files} files`
    const { path, type, bytes, isExtension } = entry
    const tail = isExtension ? bytes : Math.min(bytes, limits.tail?.(path) ?? bytes)
    if (!isExtension) files++
    kept += tail
    if (files > limits.files) return `it has more than ${limits.files} files`
    if (kept > limits.bytes) return `it has more than ${limits.bytes} bytes`
    const skipped = await reader.skip(bytes - tail)
    const body = await reader.read(tail)
    if (skipped + body.length < bytes) return `it is cut off inside ${path}`
    await reader.read((RECORD - (bytes % RECORD)) % RECORD)
    extension = isExtension ? { ...extension, ...parseExtension(type, body) } : {}
    if (type === '0' || type === '7') yield { path: checkPath(path), body, bytes }
  }
}

/** What a header and what stood before it say of an entry; undefined for what is none, or none that anybody writes. */
function readEntry(record: Buffer, extension: Extension) {
  const header = readTarHeader(record)
  if (!header) return undefined
  const isExtension = header.type === 'x' || header.type === 'L'
  const bytes = isExtension ? header.bytes : (extension.size ?? header.bytes)
  const isSize = Number.isSafeInteger(bytes) && bytes >= 0 && !(isExtension && bytes > LONGEST_EXTENSION)
  return isSize ? { path: extension.path ?? header.path, type: header.type, bytes, isExtension } : undefined
}

/** Reads so many bytes of what comes in pieces, or as many as there are. */
function createReader(chunks: AsyncIterable<Buffer>) {
  const source = chunks[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)

  /** Gives each piece of the next bytes to whoever wants it. */
  async function take(length: number, keep: (piece: Buffer) => void): Promise<number> {
    const first = held.subarray(0, length)
    keep(first)
    held = held.subarray(length)
    let taken = first.length
    while (taken < length) {
      const next = await source.next()
      if (next.done) break
      const piece = next.value.subarray(0, length - taken)
      keep(piece)
      held = next.value.subarray(length - taken)
      taken += piece.length
    }
    return taken
  }

  return {
    async read(length: number): Promise<Buffer> {
      const pieces: Buffer[] = []
      await take(length, (piece) => pieces.push(piece))
      return Buffer.concat(pieces)
    },
    /** Passes over so many bytes; gives how many there were. */
    skip: (length: number): Promise<number> => take(length, () => {}),
  }
}
