import { constants, inflateRawSync } from 'node:zlib'
import { FreezeframeError } from '../error.ts'
import type { ByteSource } from './byte-source.ts'
import { type BundleIndex, LARGEST_CHUNK } from './index-file.ts'

/**
 * The uncompressed tar stream of an indexed bundle, readable at any place: only the chunks that hold the wanted bytes are read and inflated.
 * The last one is kept, because neighbours are asked for together.
 */
export function createChunkSource(packed: ByteSource, index: BundleIndex): ByteSource {
  const { chunks } = index
  let last: { number: number; plain: Buffer } | undefined

  async function inflate(number: number): Promise<Buffer> {
    if (last?.number === number) return last.plain
    const start = chunks[number]?.packed ?? 0
    const end = chunks[number + 1]?.packed ?? index.packedLength
    const data = await packed.read(start, end - start)
    try {
      const plain = inflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: LARGEST_CHUNK })
      last = { number, plain }
      return plain
    } catch (cause) {
      throw new FreezeframeError('BUNDLE_INVALID', `The bundle is damaged between bytes ${start} and ${end}.`, {
        remedy: 'Copy it again from where it was captured; what stands elsewhere in it can still be read.',
        cause,
      })
    }
  }

  return {
    size: index.plainLength,
    async read(offset, length) {
      const end = Math.min(offset + length, index.plainLength)
      const parts: Buffer[] = []
      for (let at = offset, number = findChunk(index, offset); at < end; number++) {
        const start = chunks[number]?.plain
        if (start === undefined) break
        const plain = await inflate(number)
        const part = plain.subarray(at - start, end - start)
        if (part.length === 0) break
        parts.push(part)
        at += part.length
      }
      return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)
    },
    close: () => packed.close(),
  }
}

/** The last chunk that begins at or before an offset. */
function findChunk({ chunks }: BundleIndex, offset: number): number {
  let low = 0
  let high = chunks.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((chunks[middle]?.plain ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}
