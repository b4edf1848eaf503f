import { promisify } from 'node:util'
import { constants, inflateRaw } from 'node:zlib'
import { FreezeframeError } from '../error.ts'
import type { ByteSource } from './byte-source.ts'
import { type BundleIndex, LARGEST_CHUNK } from './index-file.ts'

const inflateAside = promisify(inflateRaw)

/** Chunks inflated at the same time: Node's pool has four threads. */
const AT_ONCE = 4

/** What zlib takes at the least (Z_MIN_CHUNK). */
const SMALLEST_BUFFER = 64

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
    const length = (chunks[number + 1]?.plain ?? index.plainLength) - (chunks[number]?.plain ?? 0)
    const plain = await inflateAside(data, {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: LARGEST_CHUNK,
      // One buffer for all of it, where it is as long as it says.
      chunkSize: Math.min(LARGEST_CHUNK, Math.max(SMALLEST_BUFFER, length)),
    }).catch((cause) => {
      throw damaged(start, end, cause)
    })
    if (plain.length !== length) throw damaged(start, end)
    return plain
  }

  return {
    size: index.plainLength,
    async read(offset, length) {
      const end = Math.min(offset + length, index.plainLength)
      const first = findChunk(index, offset)
      const behind = offset < end ? findChunk(index, end - 1) + 1 : first
      const parts: Buffer[] = []
      for (let number = first; number < behind; number += AT_ONCE) {
        const numbers = Array.from({ length: Math.min(AT_ONCE, behind - number) }, (_, n) => number + n)
        for (const [n, plain] of (await Promise.all(numbers.map(inflate))).entries()) {
          last = { number: number + n, plain }
          const start = chunks[last.number]?.plain ?? 0
          parts.push(plain.subarray(Math.max(0, offset - start), end - start))
        }
      }
      return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)
    },
    close: () => packed.close(),
  }
}

function damaged(start: number, end: number, cause?: unknown): FreezeframeError {
  return new FreezeframeError('BUNDLE_INVALID', `The bundle is damaged between bytes ${start} and ${end}.`, {
    remedy: 'Copy it again from where it was captured; what stands elsewhere in it can still be read.',
    cause,
  })
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
