import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { openBundle } from '../../src/bundle/reader.ts'
import { type FakeCluster, startFakeCluster } from './fake-cluster.ts'
import { runCli } from './run.ts'

let cluster: FakeCluster
afterEach(() => cluster.close())

/** Captures a cluster of so many failing pods; opens what came of it. */
async function captureWithin(maxSize: string, pods: number) {
  cluster = await startFakeCluster({ pods, log: describeLog() })
  const args = ['capture', '-o', 'bundle.tar.gz', '--logs', 'all', '--max-size', maxSize, '--progress', 'none']
  const { code } = await runCli(args, { cwd: cluster.folder, env: { KUBECONFIG: cluster.kubeconfig } })
  const path = join(cluster.folder, 'bundle.tar.gz')
  const bundle = await openBundle(path)
  await bundle.close()
  return { code, bytes: (await stat(path)).size, manifest: bundle.manifest }
}

/** Words in an order that repeats in no other log. */
function describeLog(): string {
  const line = (index: number) => `2026-01-31T23:59:59.000000000Z order ${(index * 7919) % 10_007} was paid\n`
  return Array.from({ length: 1000 }, (_, index) => line(index)).join('')
}

it('is kept however many pods wait, and those that were not reached are one line', async () => {
  const { code, bytes, manifest } = await captureWithin('300Ki', 5000)
  expect(code).toBe(1)
  expect(bytes).toBeLessThanOrEqual(300 * 1024)
  expect(manifest.files.some((file) => file.path.startsWith('logs/'))).toBe(true)
  const waiting = manifest.ledger.filter((line) => / pods: /.test(line.reason ?? ''))
  expect(waiting).toMatchObject([
    { collector: 'logs', scope: { resource: 'pods/log', namespace: 'shop' }, status: 'skipped' },
  ])
  expect(manifest.ledger.length).toBeLessThan(500)
})

it('takes a list that fits compressed, though not as it came', async () => {
  const { bytes, manifest } = await captureWithin('200Ki', 2000)
  expect(manifest.ledger.find((line) => line.collector === 'pods')).toMatchObject({ status: 'complete' })
  expect(bytes).toBeLessThanOrEqual(200 * 1024)
})
