import { onTestFinished } from 'vitest'
import type { LedgerLine } from '../../../src/bundle/format.ts'
import { type BundleReader, openBundle } from '../../../src/bundle/reader.ts'
import { openLog } from '../../../src/serve/logs/log.ts'
import { parseLogQuery } from '../../../src/serve/logs/query.ts'
import { HEAD, makeBundle, saveBundle } from '../../bundle/sample.ts'

/** A pod with an init container, two ordinary ones and an ephemeral one; `app` has restarted. */
export const POD = {
  metadata: { namespace: 'shop', name: 'web-1', uid: 'u1' },
  spec: {
    nodeName: 'n1',
    initContainers: [{ name: 'setup' }],
    containers: [{ name: 'app' }, { name: 'proxy' }],
    ephemeralContainers: [{ name: 'debugger' }],
  },
  status: {
    containerStatuses: [
      { name: 'app', lastState: { terminated: { containerID: 'containerd://1' } } },
      { name: 'proxy' },
    ],
  },
}

/** The end of the capture in these tests. */
export const NOW = new Date('2026-01-31T08:01:00.000Z')

/** A bundle on disk with these logs of the pod, and these lines about them. */
export async function bundleOf(
  logs: Readonly<Record<string, Buffer | string>>,
  ledger: readonly Partial<LedgerLine>[] = [],
  changes: Readonly<Record<string, unknown>> = {},
): Promise<BundleReader> {
  const files = Object.entries(logs).map(([name, body]): [string, Buffer | string] => [
    `logs/shop/web-1/u1/${name}`,
    body,
  ])
  const lines = ledger.map((line) => ({
    collector: 'logs',
    scope: {},
    status: 'failed' as const,
    requests: 1,
    bytes: 0,
    files: [],
    ...line,
  }))
  const head = { ...HEAD, arguments: { logs: 'suspects', since: null }, ledger: lines, ...changes }
  const bundle = await openBundle(await saveBundle(await makeBundle(files, { head })))
  onTestFinished(() => bundle.close())
  return bundle
}

/** What a client gets of a log. */
export async function show(bundle: BundleReader, query: string, pod: unknown = POD): Promise<Buffer> {
  const chunks: Buffer[] = []
  const parsed = parseLogQuery(new URLSearchParams(query), 'web-1')
  for await (const chunk of await openLog(bundle, pod, parsed, NOW)) chunks.push(chunk)
  return Buffer.concat(chunks)
}
