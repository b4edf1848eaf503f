import { randomBytes } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { storedBlocks } from '../../src/bundle/stored.ts'

/** An empty final block. */
const END = Buffer.from([0x03, 0x00])
const LENGTHS = [1, 2_000, 65_534, 65_535, 65_536, 65_563, 131_069, 131_070, 131_071, 200_000]

it('is inflated to what was put in, whatever its length', () => {
  for (const length of LENGTHS) {
    const data = randomBytes(length)
    expect(inflateRawSync(Buffer.concat([storedBlocks(data), END])).equals(data), `${length} bytes`).toBe(true)
  }
  expect(storedBlocks(Buffer.alloc(0))).toEqual(Buffer.alloc(0))
})

it('holds its last 64 KiB in one piece, so that a locator there is never torn by the header of a block', () => {
  for (const length of LENGTHS) {
    const data = randomBytes(length)
    const tail = data.subarray(-65_535)
    expect(storedBlocks(data).subarray(-tail.length).equals(tail), `${length} bytes`).toBe(true)
  }
})
