import { constants, createDeflateRaw } from 'node:zlib'

/** Deflates one chunk after another, each as if there had been none before, with memory of its own that is used again. */
export interface Deflater {
  /** Room for a chunk: not to be written to until what it was given to is done. */
  readonly chunk: Buffer
  /** Deflates the first `length` bytes of `chunk`, ended by a sync flush. */
  deflate(length: number): Promise<Buffer>
  close(): void
}

/**
 * Creates a deflater for chunks of so many bytes. A new one for every chunk would cost its 268 KiB of tables and the room for what comes out,
 * which the collector of garbage sees much later.
 */
export function createDeflater(chunkBytes: number, level: number): Deflater {
  // Every write is flushed: a chunk is one trip through the thread pool where its result fits into a quarter.
  const stream = createDeflateRaw({ level, flush: constants.Z_SYNC_FLUSH, chunkSize: chunkBytes / 4 })
  const chunk = Buffer.allocUnsafeSlow(chunkBytes)
  let parts: Buffer[] = []
  stream.on('data', (part: Buffer) => parts.push(part))
  return {
    chunk,
    deflate(length) {
      return new Promise((resolve, reject) => {
        stream.once('error', reject)
        stream.write(chunk.subarray(0, length), () => {
          stream.off('error', reject)
          const [first = Buffer.alloc(0)] = parts
          const packed = parts.length === 1 ? first : Buffer.concat(parts)
          parts = []
          stream.reset()
          resolve(packed)
        })
      })
    },
    close: () => stream.close(),
  }
}
