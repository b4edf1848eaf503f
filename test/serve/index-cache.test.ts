import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type BundleReader, openBundle } from '../../src/bundle/reader.ts'
import { openReplay } from '../../src/serve/replay.ts'
import { makeBundle, makeFolder, saveBundle } from '../bundle/sample.ts'

const PAGE = 'cluster/core/v1/pods/_all/0001.json'
const pods = (...names: string[]) =>
  JSON.stringify({
    kind: 'PodList',
    apiVersion: 'v1',
    metadata: { resourceVersion: '7' },
    items: names.map((name) => ({ metadata: { name, namespace: 'shop', labels: { app: 'web' } } })),
  })

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
    const bundle = await openBundle(await saveBundle(await makeBundle([[PAGE, pods('a', 'b')]])))
    const file = join(await makeFolder(), 'index')
    expect(await namesOf(bundle, file)).toEqual(['a', 'b'])
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await namesOf(withoutPages(bundle), file)).toEqual(['a', 'b'])
  })

  it('is made anew where it belongs to another bundle, or is none', async () => {
    const file = join(await makeFolder(), 'index')
    const first = await openBundle(await saveBundle(await makeBundle([[PAGE, pods('a')]])))
    const second = await openBundle(await saveBundle(await makeBundle([[PAGE, pods('b')]])))
    expect(await namesOf(first, file)).toEqual(['a'])
    expect(await namesOf(second, file)).toEqual(['b'])
    await writeFile(file, 'no index')
    expect(await namesOf(second, file)).toEqual(['b'])
    expect((await readFile(file)).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]))
  })

  it('says where it cannot be written', async () => {
    const bundle = await openBundle(await saveBundle(await makeBundle([[PAGE, pods('a')]])))
    await expect(namesOf(bundle, '/nonexistent/index')).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' })
  })
})
