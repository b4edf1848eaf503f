import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { bundleName, readBundleName } from '../../src/bundle/format.ts'
import { openBundle } from '../../src/bundle/reader.ts'
import { README } from '../../src/bundle/readme.ts'
import { runCli } from '../cli/run.ts'
import { makeTar } from './foreign-tar.ts'
import { likeLogs, makeBundle, makeFolder, saveBundle, TOP } from './sample.ts'

/** What the name of the top directory says. */
const START = '2026-01-31T23:59:59.000Z'

const UNKNOWN = '1970-01-01T00:00:00.000Z'

const change = (observedAt: string) => `${JSON.stringify({ observedAt, type: 'GAP', reason: 'reconnect' })}\n`
const CHANGES = change('2026-02-01T00:00:07.250Z') + change('2026-02-01T00:00:09.500Z') + change('yesterday')

async function describe(source: string) {
  const bundle = await openBundle(source)
  await bundle.close()
  const { manifest, isRebuilt } = bundle
  return { isRebuilt, cluster: manifest.cluster.name, ...manifest.window }
}

/** An archive that lost its manifest, with these times of its headers, in seconds after the start. */
function saveTar(times: readonly number[], top = TOP): Promise<string> {
  const seconds = Date.parse(START) / 1000
  const logs = times.map((time, n) => ({ path: `${top}/logs/a/b/c/${n}.log`, body: 'x', time: seconds + time }))
  const entries = [
    { path: `${top}/README.txt`, body: README },
    { path: `${top}/changes/pods/000001.jsonl`, body: CHANGES },
    ...logs,
  ]
  return saveBundle(makeTar(entries), 'killed.tar')
}

it('tells the name of a bundle apart from any other', () => {
  const at = new Date(START)
  expect(readBundleName(bundleName('arn:aws:eks:eu-west-1:1:cluster/my_shop', at))).toEqual({ cluster: 'my-shop', at })
  for (const name of ['', 'shop', 'freezeframe-shop', 'freezeframe-shop-20261331T235959Z', `${TOP}.tar.gz`])
    expect(readBundleName(name), name).toBeUndefined()
})

it('takes cluster and start from the top directory, and the end from the latest header of a tar', async () => {
  expect(await describe(await saveTar([3, 42, 17]))).toEqual({
    isRebuilt: true,
    cluster: 'shop',
    start: START,
    end: '2026-02-01T00:00:41.000Z',
    clockOffsetMs: null,
  })
})

it('never ends a capture before its start', async () => {
  expect(await describe(await saveTar([-3600, -7200]))).toMatchObject({ start: START, end: START })
})

it('takes the end from the latest change where no header has a time', async () => {
  expect(await describe(await saveTar([-Date.parse(START) / 1000]))).toMatchObject({
    start: START,
    end: '2026-02-01T00:00:09.500Z',
  })
})

it('has a time still where the top directory is called otherwise, but no cluster', async () => {
  const end = '2026-02-01T00:00:41.000Z'
  expect(await describe(await saveTar([42], 'unpacked'))).toMatchObject({ cluster: 'unknown', start: end, end })
})

it('reads the header that stands before a file where the index names it', async () => {
  const before = Math.floor(Date.now() / 1000) * 1000
  const bytes = await makeBundle([['logs/a/b/c/d.log', likeLogs(3_000)], null])
  // The manifest's chunk: behind the flush, and before the index that is stored.
  const chunk = bytes.indexOf(Buffer.from([0, 0, 0xff, 0xff])) + 4
  bytes.fill(0xff, chunk + 20, chunk + 60)
  const found = await describe(await saveBundle(bytes))
  expect(found).toMatchObject({ isRebuilt: true, cluster: 'shop', start: START })
  expect(Date.parse(found.end)).toBeGreaterThanOrEqual(before)
  expect(Date.parse(found.end)).toBeLessThanOrEqual(Date.now())
})

it('does not take the times of unpacked files for those of the capture', async () => {
  const named = join(await makeFolder(), TOP)
  const renamed = join(await makeFolder(), 'unpacked')
  for (const folder of [named, renamed]) await unpack(folder, { 'README.txt': README })
  expect(await describe(named)).toMatchObject({ cluster: 'shop', start: START, end: START })
  expect(await describe(dirname(named))).toMatchObject({ cluster: 'shop', start: START, end: START })
  expect(await describe(renamed)).toMatchObject({ cluster: 'unknown', start: UNKNOWN, end: UNKNOWN })
  await unpack(named, { 'changes/pods/000001.jsonl': CHANGES })
  expect(await describe(named)).toMatchObject({ start: START, end: '2026-02-01T00:00:09.500Z' })
})

it('says of what it is sure, and of what it is not', async () => {
  const killed = await runCli(['verify', await saveTar([42])])
  expect(killed.stdout.toString()).toContain(`a partial capture of shop, begun at ${START}, whose manifest is lost\n`)
  const folder = join(await makeFolder(), 'unpacked')
  await unpack(folder, { 'README.txt': README })
  expect((await runCli(['verify', folder])).stdout.toString()).toContain(', a capture whose manifest is lost\n')
})

async function unpack(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, body] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), body)
  }
}
