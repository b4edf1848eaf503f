import { crc32 } from 'node:zlib'
import { createDeflater, type Deflater } from './deflate.ts'
import { storedBlocks } from './stored.ts'
import type { BundleOutput } from './writer.ts'

/** Bytes of input that are deflated on their own: 1 MiB costs 0.05 to 0.5 % of size against one stream, and is what a random read inflates. */
export const CHUNK_BYTES = 1024 * 1024

/** At this level chunks are smaller than what `gzip -6` makes of the whole, unless that shrinks more than twentyfold (`npm run bench:gzip`). */
export const DEFAULT_LEVEL = 6

/** Chunks in work at a time: libuv's pool has four threads (UV_THREADPOOL_SIZE), and one more waits so that none of them does. */
const CHUNKS_AT_ONCE = 5

/** RFC 1952 section 2.3: magic, deflate, no flags, no time, no extra flags, system unknown. */
export const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])

/** A final block that holds nothing (RFC 1951: BFINAL, fixed codes, end of block). */
const LAST_BLOCK = Buffer.from([0x03, 0x00])

/** Where a chunk begins: in the uncompressed stream, and in the file. */
export interface ChunkStart {
  readonly plain: number
  readonly packed: number
}

/** One gzip member, made of chunks that are deflated in parallel and can each be entered. */
export interface ParallelGzip {
  /** Copies the bytes at once, into chunks that are used again; resolves when there is room for more. Rejects when the output is broken. */
  write(data: Buffer): Promise<void>
  /** Ends the current chunk; resolves when everything so far has reached the output. */
  flush(): Promise<void>
  /** Ends the current chunk and writes `data` uncompressed; resolves with nothing pending. `packedLength` tells where it will begin after a flush. */
  store(data: Buffer): Promise<void>
  end(): Promise<void>
  readonly chunks: readonly ChunkStart[]
  /** Bytes handed to the output. */
  readonly packedLength: number
}

/**
 * Creates the gzip stage: each chunk is raw deflate without a dictionary, ended by a sync flush, so that the chunks join into one member
 * that every gunzip reads; a file that is cut off is readable up to its last chunk.
 */
export function createParallelGzip(output: BundleOutput, level = DEFAULT_LEVEL): ParallelGzip {
  const chunks: ChunkStart[] = []
  const working: Promise<void>[] = []
  const idle: Deflater[] = []
  let filling: Deflater | undefined
  let filled = 0
  let plainLength = 0
  let packedLength = 0
  let checksum = 0
  let failure: { readonly error: unknown } | undefined
  let written: Promise<void> = emit(HEADER)
  written.catch(() => {})

  async function emit(packed: Buffer): Promise<void> {
    await output.write(packed)
    packedLength += packed.length
  }

  function startChunk(): void {
    if (!filling) return
    const full = filling
    const plain = plainLength
    const packing = full.deflate(filled)
    packing.then(
      () => idle.push(full),
      () => {},
    )
    plainLength += filled
    filling = undefined
    filled = 0
    written = written.then(async () => {
      const packed = await packing
      chunks.push({ plain, packed: packedLength })
      await emit(packed)
      working.shift()
    })
    // It is awaited by the next flush or end, and refuses the next write.
    written.catch((error) => {
      failure ??= { error }
    })
    working.push(written)
  }

  /** The oldest chunk is the next to be written; a broken output ends the wait with its error. */
  async function waitForRoom(): Promise<void> {
    while (working.length >= CHUNKS_AT_ONCE) await working[0]
  }

  return {
    chunks,
    get packedLength() {
      return packedLength
    },
    async write(data) {
      if (failure) throw failure.error
      checksum = crc32(data, checksum)
      for (let start = 0; start < data.length; ) {
        filling ??= idle.pop() ?? createDeflater(CHUNK_BYTES, level)
        const copied = data.copy(filling.chunk, filled, start)
        filled += copied
        start += copied
        if (filled < CHUNK_BYTES) continue
        startChunk()
        await waitForRoom()
      }
    },
    async flush() {
      startChunk()
      await written
    },
    async store(data) {
      startChunk()
      await written
      checksum = crc32(data, checksum)
      plainLength += data.length
      await emit(storedBlocks(data))
    },
    async end() {
      startChunk()
      await written
      const trailer = Buffer.alloc(8)
      trailer.writeUInt32LE(checksum, 0)
      // ISIZE is the length modulo 2^32.
      trailer.writeUInt32LE(plainLength % 2 ** 32, 4)
      await emit(Buffer.concat([LAST_BLOCK, trailer]))
      for (const deflater of idle) deflater.close()
    },
  }
}
