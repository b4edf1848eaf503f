import { open } from 'node:fs/promises'

/** Bytes that can be read from any place: a file here, a range request elsewhere. */
export interface ByteSource {
  readonly size: number
  /** Reads up to `length` bytes at `offset`; fewer only at the end. */
  read(offset: number, length: number): Promise<Buffer>
  close(): Promise<void>
}

/** Opens a file for random access. */
export async function openFileSource(path: string): Promise<ByteSource> {
  const handle = await open(path, 'r')
  const { size } = await handle.stat()
  return {
    size,
    async read(offset, length) {
      const wanted = Math.max(0, Math.min(length, size - offset))
      const buffer = Buffer.allocUnsafe(wanted)
      let filled = 0
      while (filled < wanted) {
        const { bytesRead } = await handle.read(buffer, filled, wanted - filled, offset + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return buffer.subarray(0, filled)
    },
    close: () => handle.close(),
  }
}

/** Reads a source from its beginning in steps of `step` bytes. */
export async function* readAll(source: ByteSource, step = 1024 * 1024): AsyncGenerator<Buffer> {
  for (let offset = 0; offset < source.size; ) {
    const chunk = await source.read(offset, step)
    if (chunk.length === 0) return
    offset += chunk.length
    yield chunk
  }
}
