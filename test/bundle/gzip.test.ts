import { spawn } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { constants, gunzipSync, gzipSync, inflateRawSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { CHUNK_BYTES, createParallelGzip } from '../../src/bundle/gzip.ts'
import { openBundleWriter } from '../../src/bundle/writer.ts'
import { HEAD, likeLogs, OBTAINED, TOP } from './sample.ts'

/** Around every boundary that the format has: a stored block, a chunk, as many chunks as are in work. */
const EDGES = [0, 1, 65_535, 65_536, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 6 * CHUNK_BYTES + 3]

it('is read by gunzip and by DecompressionStream at every length around a boundary', async () => {
  for (const length of EDGES) {
    const data = likeLogs(length)
    const { packed } = await pack([data])
    expect(gunzipSync(packed).equals(data), `${length} bytes`).toBe(true)
    expect((await decompress(packed)).equals(data), `${length} bytes`).toBe(true)
  }
})

it('is the same stream however the data arrives: random pieces, flushes and stored parts between them', async () => {
  for (let round = 0; round < 15; round++) {
    const pieces = Array.from({ length: randomInt(1, 12) }, () => {
      const bytes = randomInt(4) === 0 ? randomInt(2 * CHUNK_BYTES) : randomInt(5_000)
      return [randomBytes(bytes), likeLogs(bytes), Buffer.alloc(bytes, 'x')][randomInt(3)] ?? Buffer.alloc(0)
    })
    const { packed, gzip } = await pack(pieces, () => randomInt(3) === 0)
    const plain = Buffer.concat(pieces)
    expect(gunzipSync(packed).equals(plain), `round ${round}`).toBe(true)
    expect(gzip.packedLength).toBe(packed.length)
  }
})

it('is done with what it was given as soon as that is written', async () => {
  const packed: Buffer[] = []
  const gzip = createParallelGzip({ write: async (piece) => void packed.push(Buffer.from(piece)) })
  const data = likeLogs(7 * CHUNK_BYTES + 5)
  for (let start = 0; start < data.length; start += 700_000) {
    const piece = Buffer.from(data.subarray(start, start + 700_000))
    await gzip.write(piece)
    piece.fill(0)
  }
  await gzip.end()
  expect(gunzipSync(Buffer.concat(packed)).equals(data)).toBe(true)
})

it('is one member: one header without flags, and a trailer for the whole', async () => {
  const data = likeLogs(3 * CHUNK_BYTES)
  const { packed } = await pack([data])
  expect(packed.subarray(0, 10)).toEqual(Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]))
  expect(packed.readUInt32LE(packed.length - 4)).toBe(data.length)
  expect(inflateRawSync(packed.subarray(10, -8)).equals(data)).toBe(true)
})

it('lets every chunk be inflated on its own', async () => {
  const data = likeLogs(3 * CHUNK_BYTES + 17)
  const { packed, gzip } = await pack([data])
  expect(gzip.chunks.map((chunk) => chunk.plain)).toEqual([0, 1, 2, 3].map((number) => number * CHUNK_BYTES))
  for (const [number, { plain, packed: start }] of gzip.chunks.entries()) {
    const end = gzip.chunks[number + 1]?.packed ?? packed.length - 10
    const chunk = inflateRawSync(packed.subarray(start, end), { finishFlush: constants.Z_SYNC_FLUSH })
    expect(chunk.equals(data.subarray(plain, plain + CHUNK_BYTES)), `chunk ${number}`).toBe(true)
  }
})

it('makes text about as small as gzip -6 does', async () => {
  const line = (number: number) => `2026-01-31T23:59:${number % 60}Z till-${number % 7} sold ${number * 31} apples\n`
  const text = Buffer.from(Array.from({ length: 60_000 }, (_, number) => line(number)).join(''))
  const { packed } = await pack([text])
  expect(packed.length).toBeLessThan(gzipSync(text, { level: 6 }).length * 1.02)
})

it('has the output catch up on a flush, so that nothing of it is lost by a kill', async () => {
  const chunks: Buffer[] = []
  const gzip = createParallelGzip({ write: async (chunk) => void chunks.push(chunk) })
  await gzip.write(Buffer.from('evidence'))
  await gzip.flush()
  const seen = inflateRawSync(Buffer.concat(chunks).subarray(10), { finishFlush: constants.Z_SYNC_FLUSH })
  expect(seen.toString()).toBe('evidence')
})

it('rejects the write that meets a broken output, every later one, and the end', async () => {
  let room = 2
  const broken = new Error('no space left')
  const gzip = createParallelGzip({
    write: async () => {
      if (room-- <= 0) throw broken
    },
  })
  const writes = async () => {
    for (let number = 0; number < 20; number++) await gzip.write(randomBytes(CHUNK_BYTES))
  }
  await expect(writes()).rejects.toBe(broken)
  await expect(gzip.write(randomBytes(CHUNK_BYTES))).rejects.toBe(broken)
  await expect(gzip.flush()).rejects.toBe(broken)
  await expect(gzip.end()).rejects.toBe(broken)
})

it('gives the error of a full disk to whoever appends and to whoever finishes', async () => {
  const disk = await open('/dev/full', 'w')
  const writer = openBundleWriter({ name: TOP, output: { write: async (chunk) => void (await disk.write(chunk)) } })
  const body = randomBytes(CHUNK_BYTES)
  const fill = async () => {
    for (let number = 0; number < 20; number++) {
      await writer.append({ path: `${number}.log`, body, obtained: OBTAINED })
    }
  }
  await expect(fill()).rejects.toMatchObject({ code: 'ENOSPC' })
  await expect(writer.flush()).rejects.toMatchObject({ code: 'ENOSPC' })
  await expect(writer.finish(HEAD)).rejects.toMatchObject({ code: 'ENOSPC' })
  await disk.close()
})

it('gives the error of a reader that went away', async () => {
  const reader = spawn('true', { stdio: ['pipe', 'ignore', 'ignore'] })
  reader.stdin.on('error', () => {})
  const write = (chunk: Buffer) =>
    new Promise<void>((resolve, reject) => reader.stdin.write(chunk, (error) => (error ? reject(error) : resolve())))
  const writer = openBundleWriter({ name: TOP, output: { write } })
  await once(reader, 'exit')
  await writer.append({ path: 'a.log', body: randomBytes(CHUNK_BYTES), obtained: OBTAINED })
  await expect(writer.finish(HEAD)).rejects.toThrow()
})

async function pack(pieces: readonly Buffer[], isFlushed = () => false) {
  const chunks: Buffer[] = []
  const gzip = createParallelGzip({ write: async (chunk) => void chunks.push(chunk) })
  for (const piece of pieces) {
    if (isFlushed()) await gzip.flush()
    if (isFlushed() && isFlushed()) await gzip.store(piece)
    else await gzip.write(piece)
  }
  await gzip.end()
  return { packed: Buffer.concat(chunks), gzip }
}

async function decompress(packed: Buffer): Promise<Buffer> {
  const stream = new Blob([new Uint8Array(packed)]).stream().pipeThrough(new DecompressionStream('gzip'))
  return Buffer.from(await new Response(stream).arrayBuffer())
}
