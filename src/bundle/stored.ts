import type { ByteSource } from './byte-source.ts'

/** An index is at most 64 MiB of JSON, deflated; stored blocks of more than this hold none. */
const MOST_BYTES = 64 * 1024 * 1024

/** Final block, CRC-32 and ISIZE: what follows the stored blocks to the end of the file (docs/bundle-format.md). */
const END_BYTES = 2 + 4 + 4

/** The longest stored block (RFC 1951 section 3.2.4). */
const STORED_BYTES = 65_535

/** Bytes that stand in a gzip file as they are. */
export interface Stored {
  readonly held: Buffer
  /** Whether the end of the gzip member follows. */
  readonly isEnded: boolean
}

/**
 * Wraps bytes in stored deflate blocks: a byte of header (not final, stored), the length, its complement, the bytes. The short block comes
 * first, so that no header stands within the last 65,535 bytes: a reader finds the index's locator there in one piece.
 */
export function storedBlocks(data: Buffer): Buffer {
  const blocks: Buffer[] = []
  for (let start = 0, end = data.length % STORED_BYTES || STORED_BYTES; start < data.length; end += STORED_BYTES) {
    const part = data.subarray(start, end)
    start = end
    const header = Buffer.alloc(5)
    header.writeUInt16LE(part.length, 1)
    header.writeUInt16LE(part.length ^ 0xffff, 3)
    blocks.push(header, part)
  }
  return Buffer.concat(blocks)
}

/** Reads the stored blocks that begin at an offset of a file, as far as they are whole. */
export async function readStored(file: ByteSource, region: number): Promise<Stored> {
  const raw = await file.read(region, Math.min(file.size - region, MOST_BYTES))
  const parts: Buffer[] = []
  let at = 0
  while (at + 5 <= raw.length) {
    const size = raw.readUInt16LE(at + 1)
    if (raw[at] !== 0 || size !== (raw.readUInt16LE(at + 3) ^ 0xffff) || at + 5 + size > raw.length) break
    parts.push(raw.subarray(at + 5, at + 5 + size))
    at += 5 + size
  }
  return { held: Buffer.concat(parts), isEnded: raw[at] === 3 && raw[at + 1] === 0 && raw.length - at >= END_BYTES }
}
