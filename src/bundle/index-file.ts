import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import type { ChunkStart } from './gzip.ts'

/** Where one file lies in the uncompressed tar stream. */
export interface IndexedFile {
  readonly path: string
  readonly offset: number
  readonly bytes: number
}

/** What `index.bin` says: how to reach any file without reading what stands before it. */
export interface BundleIndex {
  readonly chunks: readonly ChunkStart[]
  /** Uncompressed offset at which the last chunk ends. */
  readonly plainLength: number
  /** File offset at which the last chunk ends. */
  readonly packedLength: number
  readonly files: readonly IndexedFile[]
}

/** The locator's first bytes; a reader looks for the last of them in the file's last 64 KiB. */
const MAGIC = Buffer.from('FFINDEX1')

/** Magic, file offset of the stored region (u64 LE), offset of the payload in it, its length, its CRC-32 (u32 LE each). */
const LOCATOR_BYTES = MAGIC.length + 8 + 4 + 4 + 4

/** What a reader must fetch to find the locator: the locator is followed by tar padding only. */
export const TAIL_BYTES = 64 * 1024

/** JSON of more than this is not an index: a million files with paths of 60 bytes need as much. What is larger is read from its beginning. */
const MOST_BYTES = 64 * 1024 * 1024

/** Paths of an index repeat themselves and deflate to a tenth; what would unpack to more than this many times its size is a bomb. */
const LARGEST_RATIO = 64
const FREE_BYTES = 1024 * 1024

/** As many as `MOST_HEADERS` of a tar. */
const MOST_FILES = 1_000_000

/** A chunk holds 1 MiB by the format; a reader that meets more is being fooled. */
export const LARGEST_CHUNK = 16 * 1024 * 1024

/** Where the index's payload lies: in stored blocks that begin at `region`, `offset` bytes into what they hold. */
export interface Locator {
  readonly region: number
  readonly offset: number
  readonly length: number
  readonly checksum: number
}

/** The body of `index.bin`: the deflated JSON of the index, then its locator. Offsets are deltas, so that they compress. */
export function encodeIndex(index: BundleIndex, region: number, offset: number): Buffer {
  const payload = deflateRawSync(Buffer.from(JSON.stringify(deltas(index))), { level: 9 })
  const locator = Buffer.alloc(LOCATOR_BYTES)
  MAGIC.copy(locator)
  locator.writeBigUInt64LE(BigInt(region), 8)
  locator.writeUInt32LE(offset, 16)
  locator.writeUInt32LE(payload.length, 20)
  locator.writeUInt32LE(crc32(payload), 24)
  return Buffer.concat([payload, locator])
}

/** Finds the locator in the last bytes of a file; undefined where there is none. */
export function findLocator(tail: Buffer): Locator | undefined {
  const at = tail.lastIndexOf(MAGIC)
  if (at < 0 || at + LOCATOR_BYTES > tail.length) return undefined
  const locator = {
    region: Number(tail.readBigUInt64LE(at + 8)),
    offset: tail.readUInt32LE(at + 16),
    length: tail.readUInt32LE(at + 20),
    checksum: tail.readUInt32LE(at + 24),
  }
  return locator.length <= MOST_BYTES && Number.isSafeInteger(locator.region) ? locator : undefined
}

/** Reads the payload that a locator names; undefined where it is not what the locator says (a foreign or damaged file). */
export function decodeIndex(payload: Buffer, locator: Locator): BundleIndex | undefined {
  if (payload.length !== locator.length || crc32(payload) !== locator.checksum) return undefined
  try {
    const most = Math.min(MOST_BYTES, Math.max(FREE_BYTES, payload.length * LARGEST_RATIO))
    const json = inflateRawSync(payload, { maxOutputLength: most })
    const stored = JSON.parse(json.toString('utf8')) as Deltas
    if (stored.files.length > MOST_FILES || stored.chunks.length > MOST_FILES) return undefined
    const index = absolutes(stored)
    return isSound(index) && index.packedLength === locator.region ? index : undefined
  } catch {
    return undefined
  }
}

/** Whoever wrote the file can make the checksum right: chunks must follow one another and hold what a chunk may hold, files lie within. */
function isSound({ chunks, files, plainLength, packedLength }: BundleIndex): boolean {
  const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0
  const isStep = (value: number) => value >= 0 && value <= LARGEST_CHUNK
  const ends = [...chunks.slice(1), { plain: plainLength, packed: packedLength }]
  return (
    chunks.every(({ plain, packed }) => isCount(plain) && isCount(packed)) &&
    ends.every(({ plain, packed }, number) => {
      const start = chunks[number] ?? { plain: 0, packed: 0 }
      return isCount(plain) && isCount(packed) && isStep(plain - start.plain) && isStep(packed - start.packed)
    }) &&
    files.every(({ path, offset, bytes }) => typeof path === 'string' && isCount(offset) && isCount(bytes)) &&
    files.every(({ offset, bytes }) => offset + bytes <= plainLength) &&
    files.some(({ path }) => path === 'manifest.json')
  )
}

interface Deltas {
  chunks: [number, number][]
  plainLength: number
  packedLength: number
  files: [string, number, number][]
}

function deltas(index: BundleIndex): Deltas {
  let plain = 0
  let packed = 0
  let end = 0
  const chunks = index.chunks.map((chunk): [number, number] => {
    const delta: [number, number] = [chunk.plain - plain, chunk.packed - packed]
    plain = chunk.plain
    packed = chunk.packed
    return delta
  })
  const files = index.files.map(({ path, offset, bytes }): [string, number, number] => {
    const delta = offset - end
    end = offset + bytes
    return [path, delta, bytes]
  })
  return { chunks, plainLength: index.plainLength, packedLength: index.packedLength, files }
}

function absolutes(stored: Deltas): BundleIndex {
  let plain = 0
  let packed = 0
  let end = 0
  const chunks = stored.chunks.map(([plainDelta, packedDelta]) => {
    plain += plainDelta
    packed += packedDelta
    return { plain, packed }
  })
  const files = stored.files.map(([path, delta, bytes]) => {
    const offset = end + delta
    end = offset + bytes
    return { path, offset, bytes }
  })
  return { chunks, plainLength: stored.plainLength, packedLength: stored.packedLength, files }
}
