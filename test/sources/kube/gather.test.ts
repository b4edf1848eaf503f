import { randomBytes, randomInt } from 'node:crypto'
import { expect, it } from 'vitest'
import { gatherBytes } from '../../../src/sources/kube/gather.ts'

const MIB = 1024 * 1024

function gather(bytes: Buffer, gathering = gatherBytes()) {
  for (let start = 0; start < bytes.length; ) {
    const chunk = bytes.subarray(start, start + randomInt(1, 600_000))
    gathering.add(chunk)
    start += chunk.length
  }
  return gathering
}

it('gives every body back as it came, whatever came before it and beside it', () => {
  const bodies = Array.from({ length: 40 }, () =>
    randomBytes([0, 1, 256 * 1024, randomInt(3 * MIB)][randomInt(4)] ?? 0),
  )
  const taken = bodies.map((body) => {
    const beside = gather(randomBytes(randomInt(MIB)))
    const gathering = gather(body)
    beside.drop()
    return gathering.take()
  })
  for (const [n, body] of bodies.entries()) expect(taken[n]?.equals(body), `body ${n}`).toBe(true)
})

it('gives a body that somebody else may have: its buffer is its own', () => {
  for (const length of [0, 10, MIB]) {
    const taken = gather(randomBytes(length)).take()
    expect(taken.buffer.byteLength).toBe(length)
  }
})

it('tells the first bytes while the rest is under way', () => {
  const bytes = randomBytes(MIB)
  const gathering = gatherBytes()
  expect(gathering.first()).toHaveLength(0)
  gathering.add(bytes.subarray(0, 5000))
  expect(gathering.length()).toBe(5000)
  expect(gathering.first().equals(bytes.subarray(0, 5000))).toBe(true)
  gather(bytes.subarray(5000), gathering)
  expect(gathering.first().equals(bytes.subarray(0, gathering.first().length))).toBe(true)
  expect(gathering.take().equals(bytes)).toBe(true)
})
