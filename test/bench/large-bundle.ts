import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { FORMAT, listPagePath, type Manifest } from '../../src/bundle/format.ts'
import { openBundleWriter } from '../../src/bundle/writer.ts'
import { cacheFolder } from '../e2e/cluster/build.ts'
import type { Size } from './load.ts'
import { eventPages, nodePages, type Pages, podPages } from './pages.ts'

/** Makes a bundle of made-up objects through the writer, once; one pod in a hundred has been killed for its memory. Its path. */
export async function makeLargeBundle(size: Size): Promise<string> {
  const path = join(cacheFolder(), `bench-replay-${size.pods}.tar.gz`)
  if (existsSync(path)) return path
  mkdirSync(cacheFolder(), { recursive: true })
  const handle = await open(`${path}.partial`, 'w')
  const write = async (chunk: Buffer) => void (await handle.write(chunk))
  const writer = openBundleWriter({ name: 'freezeframe-large-20260131T080000Z', output: { write } })
  const kinds = [podPages(size), eventPages(size), nodePages(size)]
  const obtained = { request: 'local', status: 200, at: '2026-01-31T08:00:00.000Z' }
  await writer.append({ path: 'cluster/version.json', body: Buffer.from('{"gitVersion":"v1.34.4"}'), obtained })
  for (const pages of kinds) {
    for (let number = 0; number < pages.count; number++) {
      const listed = { group: '', version: 'v1', resource: pages.resource }
      await writer.append({ path: listPagePath(listed, undefined, number + 1), body: pages.page(number), obtained })
    }
  }
  await writer.finish(manifestOf(kinds))
  await handle.close()
  renameSync(`${path}.partial`, path)
  return path
}

function manifestOf(kinds: readonly Pages[]): Omit<Manifest, 'files' | 'root'> {
  const resources = kinds.map(({ resource, kind, namespaced }) => ({
    group: '',
    version: 'v1',
    resource,
    kind,
    namespaced,
    alsoServedAs: [],
  }))
  return {
    format: FORMAT,
    tool: { name: 'freezeframe', version: '0.0.0', node: process.version, platform: 'linux-x64' },
    cluster: { name: 'large', server: 'https://large.example', version: 'v1.34.4', provider: null, region: null },
    window: { start: '2026-01-31T08:00:00.000Z', end: '2026-01-31T08:00:10.000Z', clockOffsetMs: 0 },
    identity: { username: null, groups: [], context: null },
    arguments: {},
    scope: { namespaces: 'all', focus: [] },
    set: { id: 'bench', part: 1, parts: 1 },
    outcome: { status: 'complete', ended: 'finished' },
    resources,
    ledger: [],
    redaction: { keyId: '', counts: {} },
    cost: { requests: {}, bytes: 0, throttled: 0, retries: 0, latency: { p50: null, p99: null } },
  }
}
