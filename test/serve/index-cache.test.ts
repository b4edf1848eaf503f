import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type BundleReader, openBundle } from '../../src/bundle/reader.ts'
import { openReplay } from '../../src/serve/replay.ts'
import { hashOf, makeBundle, makeFolder, saveBundle } from '../bundle/sample.ts'

const PAGE = 'cluster/core/v1/pods/_all/0001.json'
const pods = (...names: string[]) =>
  JSON.stringify({
    kind: 'PodList',
    apiVersion: 'v1',
    metadata: { resourceVersion: '7' },
    items: names.map((name) => ({ metadata: { name, namespace: 'shop', labels: { app: 'web' } } })),
  })

/** A bundle with these pods, closed when the test is over. */
async function bundleWith(...names: string[]): Promise<BundleReader> {
  const bundle = await openBundle(await saveBundle(await makeBundle([[PAGE, pods(...names)]])))
  onTestFinished(() => bundle.close())
  return bundle
}

async function namesOf(bundle: BundleReader, cacheFile: string): Promise<string[]> {
  const replay = await openReplay(bundle, { cacheFile })
  const [resource] = replay.resources
  const listing = resource && (await replay.list(resource))
  return listing?.rows.map((row) => row.name) ?? []
}

/** A bundle whose pages cannot be read any more: what still is known of them comes from the cache. */
function withoutPages(bundle: BundleReader): BundleReader {
  return { ...bundle, read: async (path) => Promise.reject(new Error(`read ${path}`)) }
}

describe('an index that is kept', () => {
  it('spares the next replay the reading of the lists', async () => {
    const bundle = await bundleWith('a', 'b')
    const file = join(await makeFolder(), 'index')
    expect(await namesOf(bundle, file)).toEqual(['a', 'b'])
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await namesOf(withoutPages(bundle), file)).toEqual(['a', 'b'])
  })

  it('is made anew where it belongs to another bundle, or is none', async () => {
    const file = join(await makeFolder(), 'index')
    const first = await bundleWith('a')
    const second = await bundleWith('b')
    expect(await namesOf(first, file)).toEqual(['a'])
    expect(await namesOf(second, file)).toEqual(['b'])
    await writeFile(file, 'no index')
    expect(await namesOf(second, file)).toEqual(['b'])
    expect((await readFile(file)).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]))
  })

  it('is made anew where a byte of it was changed', async () => {
    const { file, bundle } = await keepIndex()
    const plain = gunzipSync(await readFile(file)).toString()
    await writeFile(file, gzipSync(plain.replace('"name":"b"', '"name":"x"')))
    expect(await namesOf(bundle, file)).toEqual(['a', 'b'])
    expect(gunzipSync(await readFile(file)).toString()).toBe(plain)
  })

  const DAMAGE: [string, (listing: Any) => unknown][] = [
    ['rows that are none', (listing) => ({ ...listing, rows: null })],
    ['a row that is none', ({ rows, ...rest }) => ({ ...rest, rows: [...rows, null] })],
    ['rows out of order', ({ rows, ...rest }) => ({ ...rest, rows: rows.toReversed() })],
    ['a row of another file', (listing) => withRow(listing, { path: 'run/plan.json' })],
    ['a row behind the end of its page', (listing) => withRow(listing, { start: 1e9 })],
    ['a row before its page', (listing) => withRow(listing, { start: -1 })],
    ['a row of no length', (listing) => withRow(listing, { length: '7' })],
    ['metadata behind its object', (listing) => withRow(listing, { metadata: { start: 0, end: 1e6 } })],
    ['labels that are no texts', (listing) => withRow(listing, { labels: { app: 7 } })],
    ['labels that are missing', (listing) => withRow(listing, { labels: null })],
    ['fields that are no texts', (listing) => withRow(listing, { fields: [7] })],
    ['a name that is no text', (listing) => withRow(listing, { name: 7 })],
    ['versions that are no numbers', (listing) => ({ ...listing, versions: { [PAGE]: 'x' } })],
    ['versions of other files', (listing) => ({ ...listing, versions: { a: '7' } })],
    ['versions that are none', (listing) => ({ ...listing, versions: null })],
    ['a head that is none', (listing) => ({ ...listing, head: 'x' })],
    ['a head of numbers', (listing) => ({ ...listing, head: { ...listing.head, kind: 7 } })],
    ['damage that is none', (listing) => ({ ...listing, damage: [null] })],
    ['no listing', () => null],
  ]
  it.each(DAMAGE)('is made anew where it has %s, though its hash is right', async (_, damage) => {
    const { file, bundle } = await keepIndex()
    const [heading = '', body = ''] = gunzipSync(await readFile(file))
      .toString()
      .split('\n')
    const listings = Object.entries(JSON.parse(body) as object).map(([name, listing]) => [name, damage(listing)])
    const damaged = JSON.stringify(Object.fromEntries(listings))
    expect(damaged).not.toBe(body)
    const rehashed = JSON.stringify({ ...JSON.parse(heading), sha256: hashOf(damaged) })
    await writeFile(file, gzipSync(`${rehashed}\n${damaged}`))
    expect(await namesOf(bundle, file)).toEqual(['a', 'b'])
    expect(gunzipSync(await readFile(file)).toString()).toBe(`${heading}\n${body}`)
  })

  it('says where it cannot be written', async () => {
    const bundle = await bundleWith('a')
    await expect(namesOf(bundle, '/nonexistent/index')).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' })
  })
})

// biome-ignore lint/suspicious/noExplicitAny: what is damaged here is what the types would forbid
type Any = any

/** A bundle of two pods, and its index. */
async function keepIndex(): Promise<{ file: string; bundle: BundleReader }> {
  const bundle = await bundleWith('a', 'b')
  const file = join(await makeFolder(), 'index')
  await namesOf(bundle, file)
  return { file, bundle }
}

/** The listing with something else in its last row. */
function withRow({ rows, ...rest }: Any, change: object): unknown {
  return { ...rest, rows: [...rows.slice(0, -1), { ...rows.at(-1), ...change }] }
}
