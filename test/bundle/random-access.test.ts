import { expect, it } from 'vitest'
import { openArchive } from '../../src/bundle/archive.ts'
import { type ByteSource, openFileSource } from '../../src/bundle/byte-source.ts'
import { bundleName } from '../../src/bundle/format.ts'
import type { BundleFiles } from '../../src/bundle/reader.ts'
import { likeLogs, makeBundle, saveBundle } from './sample.ts'

const MIB = 1024 * 1024

it('reads one small file of a large bundle with a fraction of its bytes', async () => {
  const small = Buffer.from('{"kind":"PodList"}')
  const files = Array.from({ length: 64 }, (_, number): [string, Buffer] => [`logs/${number}.log`, likeLogs(MIB)])
  files.splice(40, 0, ['cluster/core/v1/pods/_all/0001.json', small])
  const { archive, bytesRead, size } = await openCounted(await saveBundle(await makeBundle(files)))
  expect(size).toBeGreaterThan(30 * MIB)
  expect(await archive.read('cluster/core/v1/pods/_all/0001.json', 0, small.length)).toEqual(small)
  expect(bytesRead()).toBeLessThan(2 * MIB)
  const manifest = await archive.read('manifest.json', 0, archive.files.get('manifest.json') ?? 0)
  expect(JSON.parse(manifest.toString()).files).toHaveLength(66)
  expect(bytesRead()).toBeLessThan(4 * MIB)
  await archive.close()
})

it('reads any part of a file that lies in many chunks', async () => {
  const body = likeLogs(5 * MIB + 123)
  const path = await saveBundle(await makeBundle([['a.log', body], null, ['b.log', 'after a flush']]))
  const { archive } = await openCounted(path)
  for (const offset of [0, 1, MIB - 1, MIB, 3 * MIB - 700, body.length - 1]) {
    for (const length of [1, 512, MIB + 1]) {
      const part = await archive.read('a.log', offset, length)
      expect(part.equals(body.subarray(offset, offset + length)), `${length} bytes at ${offset}`).toBe(true)
    }
  }
  expect((await archive.read('b.log', 6, 100)).toString()).toBe('a flush')
  await archive.close()
})

it('reads neighbours without fetching their chunk again', async () => {
  const files = Array.from({ length: 500 }, (_, number): [string, Buffer] => [`logs/${number}.log`, likeLogs(10_000)])
  const { archive, bytesRead, size } = await openCounted(await saveBundle(await makeBundle(files)))
  for (const [path, body] of files) expect((await archive.read(path, 0, 10_000)).equals(body), path).toBe(true)
  expect(bytesRead()).toBeLessThan(1.5 * size)
  await archive.close()
})

it('has a sound index whatever its own size and that of the manifest', async () => {
  for (const count of [0, 1, 700, 4_000, 12_000]) {
    const files = Array.from({ length: count }, (_, number): [string, string] => [`logs/${number}.log`, `${number}`])
    const { archive } = await openCounted(await saveBundle(await makeBundle(files)))
    expect(archive.truncated).toBeUndefined()
    expect(archive.files.size).toBe(count + 2)
    const [path, body] = files.at(-1) ?? ['README.txt', 'This']
    expect((await archive.read(path, 0, body.length)).toString()).toBe(body)
    expect(await archive.checkStructure()).toEqual([])
    await archive.close()
  }
})

it('has a sound index under the longest name that a bundle can have', async () => {
  const top = bundleName('c'.repeat(200), new Date())
  const { archive } = await openCounted(await saveBundle(await makeBundle([['a.log', 'a']], { top })))
  expect((await archive.read('a.log', 0, 1)).toString()).toBe('a')
  expect(await archive.checkStructure()).toEqual([])
  await archive.close()
})

/** An archive whose file counts what is read of it. It has nowhere to unpack to: only its index can open it. */
async function openCounted(path: string): Promise<{ archive: BundleFiles; bytesRead: () => number; size: number }> {
  const file = await openFileSource(path)
  let bytes = 0
  const counted: ByteSource = {
    ...file,
    async read(offset, length) {
      const data = await file.read(offset, length)
      bytes += data.length
      return data
    },
  }
  return { archive: await openArchive(path, counted, '/nonexistent'), bytesRead: () => bytes, size: file.size }
}
