import { crc32, deflateRawSync, gunzipSync, inflateRawSync } from 'node:zlib'
import { makeTar } from './foreign-tar.ts'
import { TOP } from './sample.ts'

/** The index as docs/bundle-format.md describes its JSON. */
export interface StoredIndex {
  readonly chunks: readonly unknown[]
  readonly plainLength: number
  readonly packedLength: number
  readonly files: readonly unknown[]
}

/**
 * A bundle with another index, everything around it as it should be: tar header, locator, checksums. Written from the documentation,
 * without the code under test. `chunk` replaces all that stands before the index.
 */
export function forgeIndex(bytes: Buffer, change: (index: StoredIndex) => unknown, chunk?: Buffer): Buffer {
  const at = bytes.lastIndexOf('FFINDEX1')
  const region = Number(bytes.readBigUInt64LE(at + 8))
  const offset = bytes.readUInt32LE(at + 16)
  const index = JSON.parse(inflateRawSync(bytes.subarray(at - bytes.readUInt32LE(at + 20), at)).toString())
  const plain = gunzipSync(bytes).subarray(0, index.plainLength)
  const body = chunk ?? bytes.subarray(10, region)
  const payload = deflateRawSync(JSON.stringify(change({ ...index, packedLength: 10 + body.length })))
  const locator = Buffer.from(bytes.subarray(at, at + 28))
  locator.writeBigUInt64LE(BigInt(10 + body.length), 8)
  locator.writeUInt32LE(payload.length, 20)
  locator.writeUInt32LE(crc32(payload), 24)
  const padding = Buffer.alloc(offset - 512)
  const entry = makeTar([{ path: `${TOP}/index.bin`, body: Buffer.concat([payload, locator]) }])
  return assemble(plain, body, Buffer.concat([padding, entry]))
}

function assemble(plain: Buffer, body: Buffer, tail: Buffer): Buffer {
  const stored = Buffer.from([0, 0, 0, 0, 0])
  stored.writeUInt16LE(tail.length, 1)
  stored.writeUInt16LE(tail.length ^ 0xffff, 3)
  const end = Buffer.alloc(10)
  end[0] = 3
  end.writeUInt32LE(crc32(tail, crc32(plain)), 2)
  end.writeUInt32LE(plain.length + tail.length, 6)
  return Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]), body, stored, tail, end])
}
