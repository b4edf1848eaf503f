import { promisify } from 'node:util'
import { deflateRaw } from 'node:zlib'
import type { ManifestFile } from '../bundle/format.ts'
import type { Ledger } from './ledger.ts'

/** Compressed bytes that a manifest entry, its tar header and its place in the index take, at the most: 64 random hex digits of a hash, a path, a request (measured: 130 to 180). */
const BYTES_PER_FILE = 256

/** The same for a ledger line, which is written twice, and for the timing of its task (measured: 20 to 30, and 32). */
const BYTES_PER_LINE = 64

/** README.txt, the manifest's fixed part, index locator, the run's own files, and the lines of what is still waiting when the run ends. */
const FIXED_BYTES = 64 * 1024

/** What chunks of 1 MiB cost against one stream, at the most (see CHUNK_BYTES). */
const CHUNKING = 1.005

/** With less than this part of the bundle left, it is full: what still fits is not worth the requests. */
const LEAST_PART = 1 / 32

/** What the writer tells of itself. */
interface Written {
  readonly bytesWritten: number
  readonly files: readonly ManifestFile[]
  flush(): Promise<void>
}

/** Keeps a bundle below `--max-size` bytes, with room for its manifest and ledger. */
export interface SizeLimit {
  /** Calls `write` if the body still fits; resolves with whether it did. One body at a time. */
  admit(body: Buffer, write: () => Promise<void>): Promise<boolean>
  /** True when there is no use in asking for more. */
  isFull(): boolean
}

/**
 * Creates the limit of one run. While there is room, a body counts as if it did not compress, which costs nothing to know; what is in the
 * writer's hands is settled by a flush, and a body's own compressed size is measured, only when it matters.
 */
export function createSizeLimit(
  maxSize: number | undefined,
  writer: Written,
  ledger: Pick<Ledger, 'lines'>,
): SizeLimit {
  let unsettled = 0
  let turn: Promise<unknown> = Promise.resolve()

  function room(): number {
    const reserved = FIXED_BYTES + (writer.files.length + 1) * BYTES_PER_FILE + ledger.lines.length * BYTES_PER_LINE
    return (maxSize ?? Number.POSITIVE_INFINITY) - reserved - writer.bytesWritten - unsettled
  }

  async function measure(body: Buffer): Promise<number> {
    if (body.length <= room()) return body.length
    await writer.flush()
    unsettled = 0
    return body.length <= room() ? body.length : packedBytes(body)
  }

  async function admitNext(body: Buffer, write: () => Promise<void>): Promise<boolean> {
    const bytes = await measure(body)
    if (bytes > room()) return false
    unsettled += bytes
    await write()
    return true
  }

  return {
    admit(body, write) {
      const admitted = turn.then(() => admitNext(body, write))
      turn = admitted.catch(() => {})
      return admitted
    },
    isFull: () => maxSize !== undefined && room() < maxSize * LEAST_PART,
  }
}

async function packedBytes(body: Buffer): Promise<number> {
  return Math.ceil((await deflate(body)).length * CHUNKING)
}

const deflate = promisify<Buffer, Buffer>(deflateRaw)
