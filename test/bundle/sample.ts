import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Manifest } from '../../src/bundle/format.ts'
import { FORMAT } from '../../src/bundle/format.ts'
import { openBundleWriter } from '../../src/bundle/writer.ts'

/** The top directory of every bundle that these tests make. */
export const TOP = 'freezeframe-shop-20260131T235959Z'

/** What a manifest says before the writer adds files and root. */
export const HEAD: Omit<Manifest, 'files' | 'root'> = {
  format: FORMAT,
  tool: { name: 'freezeframe', version: '0.0.0', node: 'v24.0.0', platform: 'linux-x64' },
  cluster: { name: 'shop', server: 'https://shop.example:6443', version: 'v1.34.4', provider: null, region: null },
  window: { start: '2026-01-31T23:59:00.000Z', end: '2026-01-31T23:59:59.000Z', clockOffsetMs: 120 },
  identity: { username: 'ops', groups: ['system:authenticated'], context: 'shop' },
  arguments: { logs: 'suspects' },
  scope: { namespaces: 'all', focus: ['pods/till/till-7d4'] },
  set: { id: '0b6f1f52-6d3c-4be3-9a3e-51d2e6f4a9c1', part: 1, parts: 1 },
  outcome: { status: 'complete', ended: 'finished' },
  resources: [
    { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true, alsoServedAs: [] },
    {
      group: '',
      version: 'v1',
      resource: 'events',
      kind: 'Event',
      namespaced: true,
      alsoServedAs: ['events.k8s.io/v1'],
    },
  ],
  ledger: [
    {
      collector: 'pods',
      scope: { resource: 'pods' },
      status: 'complete',
      requests: 1,
      bytes: 321,
      files: ['cluster/core/v1/pods/_all/0001.json'],
    },
  ],
  redaction: { keyId: '0123456789abcdef', counts: { 'env-value': 2 } },
  cost: {
    requests: { list: { 200: 1 } },
    bytes: 321,
    throttled: 0,
    retries: 0,
    latency: { p50: 3, p99: 9 },
  },
}

/** A folder that is gone when the test is over. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bundle-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** An archive made by our writer, in memory; `null` is a flush. */
export async function makeBundle(
  files: Iterable<readonly [string, Buffer | string] | null>,
  options: { top?: string; head?: Omit<Manifest, 'files' | 'root'>; finish?: boolean; level?: number } = {},
): Promise<Buffer> {
  const chunks: Buffer[] = []
  const output = {
    write: async (chunk: Buffer) => {
      chunks.push(chunk)
    },
  }
  const writer = openBundleWriter({
    name: options.top ?? TOP,
    output,
    ...(options.level === undefined ? {} : { level: options.level }),
  })
  for (const file of files) {
    if (file === null) await writer.flush()
    else await writer.append({ path: file[0], body: Buffer.from(file[1]), obtained: OBTAINED })
  }
  if (options.finish === false) await writer.flush()
  else await writer.finish(options.head ?? HEAD)
  return Buffer.concat(chunks)
}

/** Writes an archive into a folder of its own and gives its path. */
export async function saveBundle(bytes: Buffer, name = `${TOP}.tar.gz`): Promise<string> {
  const path = join(await makeFolder(), name)
  await writeFile(path, bytes)
  return path
}

export const OBTAINED = { request: 'GET /api/v1/pods?limit=500', status: 200, at: '2026-01-31T23:59:01.000Z' }

/** Bytes that look like captured JSON and logs: they deflate to about a third. */
export function likeLogs(bytes: number): Buffer {
  return Buffer.from(
    randomBytes(Math.ceil(bytes / 2))
      .toString('hex')
      .slice(0, bytes),
  )
}

/** Hex SHA-256, computed apart from the code under test. */
export function hashOf(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex')
}
