import { hash } from 'node:crypto'

/** Bytes that SHA-256 takes at a time, and those that it gives. */
const BLOCK = 64
const DIGEST = 32

/** Values up to this length are put behind the key in one buffer that is kept. */
const ROOM = 4096

/**
 * HMAC-SHA256 (RFC 2104) of many short values under one key of at most 64 bytes, in hex: two plain hashes need half the time of an Hmac,
 * and leave no object behind for every value.
 */
export function createHmacSha256(key: Buffer): (value: string | Buffer) => string {
  const inner = padded(key, 0x36, ROOM)
  const outer = padded(key, 0x5c, DIGEST)
  return (value) => {
    const length = Buffer.byteLength(value)
    const message = length <= ROOM ? inner : Buffer.concat([inner.subarray(0, BLOCK), Buffer.allocUnsafe(length)])
    if (typeof value === 'string') message.write(value, BLOCK)
    else value.copy(message, BLOCK)
    outer.write(hash('sha256', message.subarray(0, BLOCK + length), 'binary'), BLOCK, 'latin1')
    return hash('sha256', outer, 'hex')
  }
}

function padded(key: Buffer, pad: number, room: number): Buffer {
  const block = Buffer.alloc(BLOCK + room)
  for (let at = 0; at < BLOCK; at++) block[at] = (key[at] ?? 0) ^ pad
  return block
}
