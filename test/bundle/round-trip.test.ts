import { randomBytes, randomInt } from 'node:crypto'
import { expect, it } from 'vitest'
import { openBundle } from '../../src/bundle/reader.ts'
import { verifyBundle } from '../../src/bundle/verify.ts'
import { openBundleWriter } from '../../src/bundle/writer.ts'
import { HEAD, hashOf, likeLogs, makeBundle, OBTAINED, saveBundle, TOP } from './sample.ts'

const ODD_FILES: [string, Buffer][] = [
  ['cluster/rbac.authorization.k8s.io/v1/clusterroles/_all/0001.json', Buffer.from('{"name":"system:node"}')],
  ['logs/till/system:node:ip-10-0-0-1/0b6f1f52/app.log', Buffer.from('colons\n')],
  [
    `logs/${'n'.repeat(63)}/${'p'.repeat(253)}/0b6f1f52-6d3c-4be3-9a3e-51d2e6f4a9c1/app.previous.log`,
    Buffer.from('long'),
  ],
  [`${'deep/'.repeat(60)}end.json`, Buffer.from('deep')],
  ['logs/kasse/Ünïcode-日本語-🔥/app.log', Buffer.from('größer\n')],
  ['logs/till/till-0/empty.log', Buffer.alloc(0)],
  ['logs/till/till-0/one-record.log', Buffer.alloc(512, 'r')],
  ['logs/till/till-0/one-more.log', Buffer.alloc(513, 'm')],
  ['logs/till/till-0/binary.log', randomBytes(70_000)],
]

it('gives back every file byte for byte, whatever its path and size', async () => {
  const large: [string, Buffer] = ['apiserver/metrics.txt', likeLogs(20 * 1024 * 1024)]
  const files = [...ODD_FILES, large, ['last.txt', Buffer.from('z')] as [string, Buffer]]
  const bundle = await openBundle(await saveBundle(await makeBundle(files)))
  for (const [path, body] of files) expect((await bundle.read(path)).equals(body), path).toBe(true)
  const streamed: Buffer[] = []
  for await (const part of bundle.stream(large[0])) streamed.push(part)
  expect(Buffer.concat(streamed).equals(large[1])).toBe(true)
  expect(bundle.truncated).toBeUndefined()
  expect(bundle.warnings).toEqual([])
  await bundle.close()
})

it('begins with the README and ends with the manifest and the index, which is stored as it is', async () => {
  const bytes = await makeBundle(ODD_FILES)
  const bundle = await openBundle(await saveBundle(bytes))
  const paths = [...bundle.files.keys()]
  expect(paths[0]).toBe('README.txt')
  expect(paths.at(-1)).toBe('manifest.json')
  expect(bytes.lastIndexOf(`${TOP}/index.bin`)).toBeGreaterThan(0)
  await bundle.close()
})

it('names every file before the manifest with its true size, hash and request, and hashes the list once more', async () => {
  const bundle = await openBundle(await saveBundle(await makeBundle(ODD_FILES)))
  const { files, root, ...head } = bundle.manifest
  expect(head).toEqual(HEAD)
  expect(files.map((file) => file.path)).toEqual(['README.txt', ...ODD_FILES.map(([path]) => path)])
  for (const [path, body] of ODD_FILES) {
    const named = files.find((file) => file.path === path)
    expect(named).toEqual({ path, bytes: body.length, sha256: hashOf(body), obtained: OBTAINED })
  }
  const lines = files.map((file) => `${file.sha256}  ${file.path}\n`)
  const path = (line: string) => Buffer.from(line.slice(66))
  lines.sort((a, b) => Buffer.compare(path(a), path(b)))
  expect(root).toBe(hashOf(lines.join('')))
  await bundle.close()
})

it('keeps entries whole that are appended at the same time, in the order of the calls', async () => {
  const chunks: Buffer[] = []
  const writer = openBundleWriter({
    name: TOP,
    output: { write: async (chunk) => void chunks.push(await new Promise((done) => setImmediate(done, chunk))) },
  })
  const files = Array.from({ length: 60 }, (_, number): [string, Buffer] => [
    `logs/${number}.log`,
    likeLogs(((number * 7919) % 40) * 5_000),
  ])
  await Promise.all([
    ...files.map(([path, body]) => writer.append({ path, body, collector: 'logs', obtained: OBTAINED })),
    writer.flush(),
  ])
  const manifest = await writer.finish(HEAD)
  expect(manifest.files.map((file) => file.path)).toEqual(['README.txt', ...files.map(([path]) => path)])
  const source = await saveBundle(Buffer.concat(chunks))
  const bundle = await openBundle(source)
  expect(bundle.manifest).toEqual(manifest)
  for (const [path, body] of files) expect((await bundle.read(path)).equals(body), path).toBe(true)
  await bundle.close()
  expect(await verifyBundle(source)).toMatchObject({ status: 'intact', problems: [], root: manifest.root })
})

it('knows where each file lies, in whatever order small and large ones follow one another', async () => {
  const sizes = [0, 1, 511, 512, 16_383, 16_384, 65_536, 1_048_576, 3_000_000]
  const bodies = sizes.map((bytes) => likeLogs(bytes))
  const files = Array.from({ length: 150 }, (_, number): [string, Buffer] => [
    `logs/${'p'.repeat(randomInt(2) * 200)}${number}.log`,
    bodies[randomInt(randomInt(10) === 0 ? sizes.length : 7)] ?? Buffer.alloc(0),
  ])
  files.splice(40, 0, ...bodies.map((body, number): [string, Buffer] => [`up/${number}`, body]))
  expect((await verifyBundle(await saveBundle(await makeBundle(files)))).problems).toEqual([])
})

it('is done with a body when it has taken it', async () => {
  const chunks: Buffer[] = []
  const writer = openBundleWriter({ name: TOP, output: { write: async (chunk) => void chunks.push(chunk) } })
  for (const bytes of [1, 511, 512, 16_384, 70_000, 3_000_000, 1_048_576, 2]) {
    const body = likeLogs(bytes)
    await writer.append({ path: `logs/${bytes}.log`, body, obtained: OBTAINED })
    body.fill(0)
  }
  await writer.finish(HEAD)
  expect((await verifyBundle(await saveBundle(Buffer.concat(chunks)))).problems).toEqual([])
})

it('says in one sentence that a file is not in the bundle', async () => {
  const bundle = await openBundle(await saveBundle(await makeBundle(ODD_FILES)))
  await expect(bundle.read('cluster/no.json')).rejects.toMatchObject({
    code: 'ENTRY_MISSING',
    message: 'The bundle has no file cluster/no.json.',
    remedy: expect.any(String),
  })
  await bundle.close()
})

it.each(['a/../b', '/a', 'a//b', 'a/./b', 'a\\b', '', 'README.txt', 'manifest.json', 'twice'])(
  'refuses the name %j, which no reader would take, and goes on',
  async (name) => {
    const chunks: Buffer[] = []
    const write = async (chunk: Buffer) => void chunks.push(chunk)
    const writer = openBundleWriter({ name: TOP, output: { write } })
    const file = (path: string) => ({ path, body: Buffer.from(path), obtained: OBTAINED })
    await writer.append(file('twice'))
    await expect(writer.append(file(name))).rejects.toMatchObject({ code: 'BUNDLE_UNSAFE' })
    await writer.append(file('next'))
    await writer.finish(HEAD)
    expect((await verifyBundle(await saveBundle(Buffer.concat(chunks)))).status).toBe('intact')
  },
)

it('refuses every file behind the failure of its output, and lists none of them', async () => {
  let broken = false
  const write = async () => {
    if (broken) throw new Error('gone')
  }
  const writer = openBundleWriter({ name: TOP, output: { write } })
  await writer.append({ path: 'a', body: likeLogs(1000), obtained: OBTAINED })
  await writer.flush()
  broken = true
  await writer.append({ path: 'b', body: likeLogs(1000), obtained: OBTAINED })
  await expect(writer.flush()).rejects.toThrow('gone')
  for (const path of ['c', 'd', 'e'])
    await expect(writer.append({ path, body: likeLogs(1000), obtained: OBTAINED })).rejects.toThrow('gone')
  expect(writer.files.map((file) => file.path)).toEqual(['README.txt', 'a', 'b'])
})
