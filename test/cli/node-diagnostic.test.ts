import { execFileSync } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openBundle } from '../../src/bundle/reader.ts'
import type { CapturePlan } from '../../src/capture/options.ts'
import { type FakeAnswer, type FakeCluster, type FakeRequest, startFakeCluster } from './fake-cluster.ts'
import { type RunOptions, runCli } from './run.ts'

const GROUP = 'eks.amazonaws.com'
const OBJECTS = `/apis/${GROUP}/v1alpha1/nodediagnostics`
const ARGS = ['capture', '--node-diagnostic', '--allow-nodes-proxy', '--nodes', 'all', '--samples', '1'] as const

/** Its kubelet is behind the API server's proxy: nobody answers at port 1. */
const NODE = {
  metadata: { name: 'node-1', uid: 'u-node-1' },
  status: {
    conditions: [{ type: 'Ready', status: 'True' }],
    addresses: [],
    daemonEndpoints: { kubeletEndpoint: { Port: 1 } },
  },
}

const LOG = '2026-01-31T08:00:00 kubelet[1]: started with --token=s3cr3t-t0k3n-0123456789\n'

function archive(): Buffer {
  const script =
    'd=$(mktemp -d); mkdir $d/kubelet; printf %s "$1" >$d/kubelet/kubelet.log; tar -czC $d kubelet; rm -r $d'
  return execFileSync('sh', ['-c', script, 'sh', LOG])
}

let cluster: FakeCluster | undefined
afterEach(async () => {
  await cluster?.close()
  cluster = undefined
})

/** A cluster whose node has an agent: the object is done once it was looked at so often. */
async function against(looks: number, { args = [], ...run }: RunOptions & { readonly args?: readonly string[] } = {}) {
  const changes: string[] = []
  let there: object | undefined
  let seen = 0

  function first({ method, url }: FakeRequest): FakeAnswer | undefined {
    const own = url.pathname === `${OBJECTS}/node-1`
    if (method === 'DELETE' && own) return remove()
    if (method === 'POST' && url.pathname === OBJECTS) return create()
    if (own) return look()
    if (url.pathname === OBJECTS) return { body: { kind: 'NodeDiagnosticList', metadata: {}, items: [] } }
    if (url.pathname === '/api/v1/nodes') return { body: { kind: 'NodeList', metadata: {}, items: [NODE] } }
    if (url.pathname.endsWith('/proxy/logs/support/node-1-logs.tar.gz')) return { body: archive() }
    return served[url.pathname]
  }

  function create(): FakeAnswer {
    changes.push('created')
    there = { metadata: { name: 'node-1', uid: 'u1' } }
    return { status: 201, body: there }
  }

  function remove(): FakeAnswer {
    changes.push('deleted')
    there = undefined
    return { body: { kind: 'Status', status: 'Success' } }
  }

  function look(): FakeAnswer {
    if (!there) return { status: 404, body: { kind: 'Status', code: 404, reason: 'NotFound', message: 'gone' } }
    const completed = { reason: 'Success', message: 'saved', startedAt: '', finishedAt: '' }
    const state = ++seen > looks ? { completed } : { running: { startedAt: '' } }
    return { body: { ...there, status: { captureStatuses: [{ type: 'Log', state }] } } }
  }

  cluster = await startFakeCluster({ first })
  const { folder, kubeconfig } = cluster
  const shown = await runCli([...ARGS, ...args, '--progress', 'json'], {
    cwd: folder,
    ...run,
    env: { KUBECONFIG: kubeconfig },
  })
  const [name = ''] = (await readdir(folder)).filter((one) => one.endsWith('.tar.gz'))
  const bundle = await openBundle(join(folder, name))
  const lines = (collector: string) => bundle.manifest.ledger.filter((line) => line.collector === collector)
  return { shown, changes, bundle, lines }
}

const RESOURCE = {
  name: 'nodediagnostics',
  kind: 'NodeDiagnostic',
  namespaced: false,
  verbs: ['get', 'list', 'create'],
}
const VERSION = { groupVersion: `${GROUP}/v1alpha1`, version: 'v1alpha1' }
const served: Readonly<Record<string, FakeAnswer>> = {
  '/apis': {
    body: { kind: 'APIGroupList', groups: [{ name: GROUP, versions: [VERSION], preferredVersion: VERSION }] },
  },
  [`/apis/${GROUP}/v1alpha1`]: {
    body: { kind: 'APIResourceList', groupVersion: VERSION.groupVersion, resources: [RESOURCE] },
  },
}

describe('--node-diagnostic', () => {
  it('is told of by --plan, where the cluster has agents: who may, and the rights that are missing', async () => {
    const told = async (denied: readonly string[]) => {
      cluster = await startFakeCluster({ denied, first: ({ url }) => served[url.pathname] })
      const env = { KUBECONFIG: cluster.kubeconfig }
      const seen = await runCli([...ARGS, '--plan', '--format', 'json'], { cwd: cluster.folder, env })
      await cluster.close()
      const { options, sources } = JSON.parse(seen.stdout.toString()) as CapturePlan
      const source = sources.find(({ collector }) => collector === 'node-diagnostic')
      return [options.find(({ tier }) => tier === 'node-diagnostic'), source]
    }
    expect(await told([])).toMatchObject([
      { isOpen: true, access: 'allowed', adds: 'node-diagnostic' },
      { access: 'unknown', ways: ['node-diagnostic'], scope: { resource: 'nodediagnostics.eks.amazonaws.com' } },
    ])
    expect(await told(['delete nodediagnostics'])).toMatchObject([
      { access: 'denied', lacks: ['delete nodediagnostics.eks.amazonaws.com'] },
      { access: 'denied', ways: [], loss: 'the bundle will hold nothing of node-diagnostic' },
    ])
  })

  it('keeps what the agent collected as redacted files of the node, and leaves nothing behind', async () => {
    const { changes, bundle, lines } = await against(1)
    const path = 'nodes/node-1/once/node-diagnostic/kubelet/kubelet.log'
    const text = (await bundle.read(path)).toString()
    await bundle.close()
    expect(text).toMatch(/kubelet\[1\]: started with --token=<redacted:/)
    expect(bundle.manifest.files.find((file) => file.path === path)?.obtained).toMatchObject({ way: 'proxy' })
    expect(changes).toEqual(['created', 'deleted'])
    expect(lines('node-diagnostic')).toMatchObject([{ scope: { node: 'node-1' }, status: 'complete', files: [path] }])
    expect(lines('node-diagnostics')).toMatchObject([
      { status: 'complete', reason: '1 NodeDiagnostic was created and removed' },
    ])
    expect(bundle.manifest.arguments.insideNodes).toEqual(['node-diagnostic'])
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves nothing behind on %s either', async (signal) => {
    const kill = { text: '"collector":"nodes","path"', signals: [signal] }
    const { shown, changes, lines, bundle } = await against(1000, { kill })
    await bundle.close()
    expect(shown.code).toBe(1)
    expect(changes).toEqual(changes.length > 0 ? ['created', 'deleted'] : [])
    expect(lines('node-diagnostic')).toMatchObject([{ status: 'skipped' }])
  })

  it('that the deadline ends leaves nothing behind, and says so', async () => {
    const { changes, lines, bundle } = await against(1000, { args: ['--deadline', '6s'] })
    await bundle.close()
    expect(changes).toEqual(['created', 'deleted'])
    expect(lines('node-diagnostic')).toMatchObject([{ status: 'timed-out' }])
    expect(lines('node-diagnostics')).toMatchObject([{ status: 'complete' }])
  })
})
