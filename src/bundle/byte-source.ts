import { type FileHandle, open } from 'node:fs/promises'

/** Bytes that can be read from any place: a file here, a range request elsewhere. */
export interface ByteSource {
  readonly size: number
  /** Reads up to `length` bytes at `offset`; fewer only at the end. */
  read(offset: number, length: number): Promise<Buffer>
  close(): Promise<void>
}

/** Opens a file for random access. */
export async function openFileSource(path: string): Promise<ByteSource> {
  return fileSource(await open(path, 'r'))
}

/** Random access to a file that is open already, as long as it is now. */
export async function fileSource(handle: FileHandle): Promise<ByteSource> {
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

/** A source followed by some bytes, as if they were one. */
export function appendTo(source: ByteSource, rest: Buffer): ByteSource {
  return {
    size: source.size + rest.length,
    async read(offset, length) {
      const end = offset + length - source.size
      if (end <= 0) return source.read(offset, length)
      const part = rest.subarray(Math.max(0, offset - source.size), end)
      return offset < source.size ? Buffer.concat([await source.read(offset, source.size - offset), part]) : part
    },
    close: () => source.close(),
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
