import { crc32, gunzipSync, gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { openBundle } from '../../src/bundle/reader.ts'
import { verifyBundle } from '../../src/bundle/verify.ts'
import { FreezeframeError } from '../../src/error.ts'
import { runCli } from '../cli/run.ts'
import { hashOf, likeLogs, makeBundle, saveBundle, TOP } from './sample.ts'

const FILES: ([string, Buffer] | null)[] = [
  ['cluster/core/v1/pods/_all/0001.json', likeLogs(2_000)],
  null,
  ['logs/till/till-0/app.log', likeLogs(4_000)],
  null,
  ['logs/till/till-1/app.log', likeLogs(2_000)],
]

it('finds a flipped byte wherever it is, unless every reader unpacks the same all the same', async () => {
  const whole = await makeBundle(FILES)
  const plain = gunzipSync(whole)
  for (let at = 0; at < whole.length; at += 41) {
    const found = await statusOf(flip(whole, at))
    if (found === 'intact') expect(unpack(flip(whole, at))?.equals(plain), `byte ${at} of ${whole.length}`).toBe(true)
  }
}, 60_000)

it('says which file is damaged, and that the others are not', async () => {
  const whole = await makeBundle(FILES)
  const found = await verifyBundle(await saveBundle(flip(whole, placeOf(whole, 'till-0'))))
  expect(found.status).toBe('damaged')
  expect(found.problems.join('\n')).toContain('logs/till/till-0/app.log')
  expect(found.problems.join('\n')).not.toMatch(/till-1|pods|missing|manifest\.json/)
})

it('says what was changed by somebody who packed the bundle again', async () => {
  const files: [string, Buffer][] = [
    ['a.log', Buffer.from('as captured\n')],
    ['b.log', Buffer.from('as captured\n')],
    ['c.log', Buffer.from('as captured\n')],
  ]
  const tar = gunzipSync(await makeBundle(files))
  const changed = Buffer.from(tar.toString('latin1').replace('as captured', 'as I wanted'), 'latin1')
  const found = await verifyBundle(await saveBundle(changed, 'changed.tar'))
  expect(found.problems).toEqual(["a.log was changed: its hash is not the manifest's."])
})

it('says that the list of files was changed, although each of them is as it says', async () => {
  const tar = gunzipSync(await makeBundle(FILES)).toString('latin1')
  const root = /"root": "([0-9a-f]{64})"/.exec(tar)?.[1] ?? ''
  const changed = Buffer.from(tar.replace(root, hashOf('another list')), 'latin1')
  const found = await verifyBundle(await saveBundle(changed, 'changed.tar'))
  expect(found.problems).toEqual(['The root hash does not fit the list of files.'])
})

it('reads all of a foreign tar.gz whose checksum alone is wrong', async () => {
  const packed = gzipSync(gunzipSync(await makeBundle(FILES)))
  packed.writeUInt32LE(0, packed.length - 8)
  const found = await verifyBundle(await saveBundle(packed))
  expect(found.problems).toEqual(['The bundle is not whole: its compression is damaged.'])
  expect(found.cluster).toBe('shop')
})

it('notices a tar that says other than its index, although each is sound in itself', async () => {
  const bytes = await makeBundle(FILES, { level: 0 })
  expect(await verifyBundle(await saveBundle(bytes))).toMatchObject({ status: 'intact' })
  const plain = gunzipSync(bytes)
  for (const data of [bytes, plain]) rename(data, 'logs/till/till-1/app.log', 'logs/till/till-2/app.log')
  bytes.writeUInt32LE(crc32(plain), bytes.length - 8)
  expect(gunzipSync(bytes).equals(plain)).toBe(true)
  const found = await verifyBundle(await saveBundle(bytes))
  expect(found.problems).toEqual(['Its tar headers and its index differ.'])
})

it('exits 1 for a damaged bundle and names the file, 0 for a whole one, in text and in JSON', async () => {
  const whole = await makeBundle(FILES)
  const intact = await runCli(['verify', await saveBundle(whole)])
  expect(intact).toMatchObject({ code: 0, stderr: '' })
  expect(intact.stdout.toString()).toMatch(/^Intact: 4 files,/)
  const path = await saveBundle(flip(whole, placeOf(whole, 'till-0')))
  const text = await runCli(['verify', path])
  expect(text).toMatchObject({ code: 1, stderr: '' })
  expect(text.stdout.toString()).toMatch(/^Damaged: /)
  expect(text.stdout.toString()).toContain('  logs/till/till-0/app.log ')
  const json = await runCli(['verify', '--format', 'json', path])
  expect(json.code).toBe(1)
  expect(JSON.parse(json.stdout.toString())).toMatchObject({ status: 'damaged', files: 4 })
})

it('exits 1 for a bundle whose manifest is lost, and still reads the rest', async () => {
  const files: ([string, Buffer] | null)[] = [...FILES, null]
  const whole = await makeBundle(files)
  whole.fill(0xff, placeOf(whole, 'manifest'), placeOf(whole, 'manifest') + 40)
  const found = await verifyBundle(await saveBundle(whole))
  expect(found.problems[0]).toBe('The bundle is not whole: its manifest is damaged.')
  expect(found).toMatchObject({ status: 'damaged', files: 4, cluster: 'shop', manifest: 'rebuilt' })
})

/** Changes the path in a tar header, and its checksum with it. */
function rename(data: Buffer, from: string, to: string): void {
  const header = data.indexOf(`${TOP}/${from}`)
  data.write(`${TOP}/${to}`, header)
  const difference = sumOf(to) - sumOf(from)
  const checksum = Number.parseInt(data.toString('latin1', header + 148, header + 154), 8) + difference
  data.write(checksum.toString(8).padStart(6, '0'), header + 148)
}

function sumOf(text: string): number {
  return Buffer.from(text).reduce((sum, byte) => sum + byte, 0)
}

function flip(bytes: Buffer, at: number): Buffer {
  const flipped = Buffer.from(bytes)
  flipped[at] = (bytes[at] ?? 0) ^ 0x10
  return flipped
}

/** The middle of the chunk that holds a file: chunks end with an empty stored block. */
function placeOf(bytes: Buffer, which: 'till-0' | 'manifest'): number {
  const number = { 'till-0': 1, manifest: 3 }[which]
  let start = 0
  for (let passed = 0; passed < number; passed++) start = bytes.indexOf(END_OF_CHUNK, start) + END_OF_CHUNK.length
  return Math.floor((start + bytes.indexOf(END_OF_CHUNK, start)) / 2)
}

const END_OF_CHUNK = Buffer.from([0, 0, 0xff, 0xff])

async function statusOf(bytes: Buffer): Promise<string> {
  try {
    return (await verifyBundle(await saveBundle(bytes))).status
  } catch (error) {
    if (error instanceof FreezeframeError) return error.code
    throw error
  }
}

function unpack(bytes: Buffer): Buffer | undefined {
  try {
    return gunzipSync(bytes)
  } catch {
    return undefined
  }
}

it.each([10, 512, 60_000, 2_000_000])(
  'reads a bundle with %d zeros behind its end, as a crash leaves them, and says so',
  async (count) => {
    const body = likeLogs(100_000)
    const path = await saveBundle(Buffer.concat([await makeBundle([['a.log', body]]), Buffer.alloc(count)]))
    const bundle = await openBundle(path)
    expect((await bundle.read('a.log')).equals(body)).toBe(true)
    await bundle.close()
    const { code, stdout } = await runCli(['verify', path])
    // Beyond its last 64 KiB nobody looks for an index: it is read as what any other tool packed.
    expect(stdout.toString()).toContain(`${count} bytes follow its end.`)
    expect(code).toBe(1)
  },
)

it('gives no body that is not the one that was captured', async () => {
  const body = likeLogs(300_000)
  const whole = await makeBundle([['a.log', body]])
  for (let at = 500; at < 100_000; at += 2_500) {
    const bundle = await openBundle(await saveBundle(flip(whole, at)))
    const read = await bundle.read('a.log').catch((error: FreezeframeError) => error.code)
    expect(read === 'BUNDLE_INVALID' || (Buffer.isBuffer(read) && read.equals(body)), `byte ${at}`).toBe(true)
    await bundle.close()
  }
})
