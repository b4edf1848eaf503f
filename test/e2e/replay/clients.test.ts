import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { CoreV1Api, CustomObjectsApi, KubeConfig, type KubernetesObject, makeInformer } from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BundleReader } from '../../../src/bundle/reader.ts'
import { type ServedBundle, serveBundle } from '../../serve/replay-server.ts'
import { buildGoClient, installPythonClient } from '../clients/build.ts'
import { freezeframe, makeFolder, openOnly } from '../run.ts'

const run = promisify(execFile)

/** Whose log the clients read. */
const LOG = ['broken', 'sidecar', 'proxy'] as const

let folder: Awaited<ReturnType<typeof makeFolder>>
let served: ServedBundle
/** What the bundle's lists hold. */
let held: { pods: Item[]; events: Item[]; deployments: Item[]; orders: Item[]; clusterroles: Item[]; log: string }
/** What is left of it after the changes that were recorded, which a watch gives out behind the state. */
let left: { pods: string[]; events: string[]; deployments: string[] }

interface Item {
  readonly metadata: { readonly name: string; readonly namespace: string }
  readonly status?: { readonly phase?: string }
}

beforeAll(async () => {
  // Before the first test, so that no test's time is that of a build.
  await Promise.all([buildGoClient(), installPythonClient()])
  folder = await makeFolder()
  const { code, stdout, stderr } = await freezeframe(['capture', '--logs', 'all', '-o', folder.path])
  expect(code, stderr).toBe(0)
  const bundle = await openOnly(folder.path)
  held = await readHeld(bundle)
  left = {
    pods: await applyChanges(bundle, 'pods', held.pods),
    events: await applyChanges(bundle, 'events', held.events),
    deployments: await applyChanges(bundle, 'deployments.apps', held.deployments),
  }
  await bundle.close()
  served = await serveBundle(stdout.trim(), { tls: true })
})
afterAll(async () => {
  await served?.close()
  await folder?.remove()
})

async function readHeld(bundle: BundleReader): Promise<typeof held> {
  const paths = [...bundle.files.keys()]
  const list = async (resource: string) => {
    const pages = paths.filter((path) => path.startsWith(`cluster/${resource}/`))
    const parsed = await Promise.all(pages.map(async (path) => JSON.parse(String(await bundle.read(path)))))
    return parsed.flatMap(({ items }: { items: Item[] }) => items)
  }
  const log =
    paths.find((path) => path.startsWith(`logs/${LOG[0]}/${LOG[1]}/`) && path.endsWith(`/${LOG[2]}.log`)) ?? ''
  return {
    pods: await list('core/v1/pods'),
    events: await list('core/v1/events'),
    deployments: await list('apps/v1/deployments'),
    orders: await list('example.com/v1/orders'),
    clusterroles: await list('rbac.authorization.k8s.io/v1/clusterroles'),
    log: String(await bundle.read(log)).replace(/^\S+ /gm, ''),
  }
}

/** Names after all changes; those older than the list end where the list begins. */
async function applyChanges(bundle: BundleReader, resource: string, items: readonly Item[]): Promise<string[]> {
  const names = new Set(items.map(nameOf))
  for (const path of bundle.files.keys()) {
    if (!path.startsWith(`changes/${resource}/`)) continue
    for (const line of String(await bundle.read(path))
      .split('\n')
      .filter(Boolean)) {
      const { type, object } = JSON.parse(line) as { type: string; object?: Item }
      if (object && type === 'DELETED') names.delete(nameOf(object))
      else if (object) names.add(nameOf(object))
    }
  }
  return [...names].sort()
}

function nameOf({ metadata }: { metadata?: { namespace?: string; name?: string } }): string {
  return `${metadata?.namespace}/${metadata?.name}`
}

function running(): Item[] {
  return held.pods.filter(({ status }) => status?.phase === 'Running')
}

describe('a client of client-go', () => {
  it('maps resources as helm does, syncs typed and dynamic informers, and they stay in peace', async () => {
    const { stdout } = await run(await buildGoClient(), [...LOG], {
      env: { ...process.env, KUBECONFIG: served.kubeconfig },
    })
    expect(JSON.parse(stdout)).toEqual({
      synced: true,
      watchErrors: [],
      counts: {
        pods: left.pods.length,
        events: left.events.length,
        deployments: left.deployments.length,
        orders: held.orders.length,
      },
      selected: running().length,
      paged: held.clusterroles.length,
      mapped: {
        po: '/v1, Resource=pods',
        deploy: 'apps/v1, Resource=deployments',
        orders: 'example.com/v1, Resource=orders',
        Order: 'example.com/v1, Resource=orders namespace',
        events: '/v1, Resource=events',
        clusterroles: 'rbac.authorization.k8s.io/v1, Resource=clusterroles',
      },
      log: held.log,
      denied: expect.stringContaining('not in this bundle: secrets'),
    })
  })
})

describe('the client of Python', () => {
  it('lists, pages, watches, reads custom objects and a log', async () => {
    const python = await installPythonClient()
    const program = new URL('../clients/client.py', import.meta.url).pathname
    const { stdout } = await run(python, [program, served.kubeconfig, ...LOG])
    expect(JSON.parse(stdout)).toEqual({
      pods: held.pods.length,
      nodes: ['node1', 'node2'],
      deployments: held.deployments.length,
      running: running().length,
      orders: held.orders.length,
      version: 'v1.34.4',
      paged: held.pods.length,
      watched: left.pods.length,
      errors: 0,
      log: held.log,
      secrets: expect.stringContaining('not in this bundle: secrets'),
      deleted: 405,
    })
  })
})

describe('the client of Node', () => {
  it('lists, and its informer holds what the bundle holds', async () => {
    const config = new KubeConfig()
    config.loadFromFile(served.kubeconfig)
    const core = config.makeApiClient(CoreV1Api)
    expect((await core.listPodForAllNamespaces()).items).toHaveLength(held.pods.length)
    const orders = await config.makeApiClient(CustomObjectsApi).listClusterCustomObject({
      group: 'example.com',
      version: 'v1',
      plural: 'orders',
    })
    expect((orders as { items: unknown[] }).items).toHaveLength(held.orders.length)

    const seen = new Set<string>()
    const failures: unknown[] = []
    const informer = makeInformer(config, '/api/v1/pods', () => core.listPodForAllNamespaces())
    informer.on('add', (pod: KubernetesObject) => seen.add(nameOf(pod)))
    informer.on('delete', (pod: KubernetesObject) => seen.delete(nameOf(pod)))
    informer.on('error', (error: unknown) => failures.push(error))
    await informer.start()
    // Its watch is held open: whatever ends it would be heard within this time.
    await new Promise((resolve) => setTimeout(resolve, 1000))
    await informer.stop()
    expect(failures).toEqual([])
    expect([...seen].sort()).toEqual(left.pods)
  })
})
