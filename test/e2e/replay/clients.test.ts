import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { CoreV1Api, CustomObjectsApi, KubeConfig, type KubernetesObject, makeInformer } from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ServedBundle, serveBundle } from '../../serve/replay-server.ts'
import { buildGoClient, installPythonClient } from '../clients/build.ts'
import { freezeframe, makeFolder, openOnly } from '../run.ts'

const run = promisify(execFile)

/** Whose log the clients read. */
const LOG = ['broken', 'sidecar', 'proxy'] as const

let folder: Awaited<ReturnType<typeof makeFolder>>
let served: ServedBundle
/** What the bundle holds. */
let held: { pods: Item[]; events: Item[]; deployments: Item[]; orders: Item[]; clusterroles: Item[]; log: string }

interface Item {
  readonly metadata: { readonly name: string; readonly namespace: string }
  readonly status?: { readonly phase?: string }
}

beforeAll(async () => {
  folder = await makeFolder()
  const { code, stdout, stderr } = await freezeframe(['capture', '--logs', 'all', '-o', folder.path])
  expect(code, stderr).toBe(0)
  held = await readHeld()
  served = await serveBundle(stdout.trim(), { tls: true })
})
afterAll(async () => {
  await served?.close()
  await folder?.remove()
})

async function readHeld(): Promise<typeof held> {
  const bundle = await openOnly(folder.path)
  const paths = [...bundle.files.keys()]
  const list = async (resource: string) => {
    const pages = paths.filter((path) => path.startsWith(`cluster/${resource}/`))
    const parsed = await Promise.all(pages.map(async (path) => JSON.parse(String(await bundle.read(path)))))
    return parsed.flatMap(({ items }: { items: Item[] }) => items)
  }
  const log =
    paths.find((path) => path.startsWith(`logs/${LOG[0]}/${LOG[1]}/`) && path.endsWith(`/${LOG[2]}.log`)) ?? ''
  const found = {
    pods: await list('core/v1/pods'),
    events: await list('core/v1/events'),
    deployments: await list('apps/v1/deployments'),
    orders: await list('example.com/v1/orders'),
    clusterroles: await list('rbac.authorization.k8s.io/v1/clusterroles'),
    log: String(await bundle.read(log)).replace(/^\S+ /gm, ''),
  }
  await bundle.close()
  return found
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
        pods: held.pods.length,
        events: held.events.length,
        deployments: held.deployments.length,
        orders: held.orders.length,
      },
      updates: 0,
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
      watched: { ADDED: held.pods.length, ERROR: 0 },
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

    const seen: string[] = []
    const failures: unknown[] = []
    const informer = makeInformer(config, '/api/v1/pods', () => core.listPodForAllNamespaces())
    informer.on('add', (pod: KubernetesObject) => seen.push(`${pod.metadata?.namespace}/${pod.metadata?.name}`))
    informer.on('error', (error: unknown) => failures.push(error))
    await informer.start()
    // Its watch is held open: whatever ends it would be heard within this time.
    await new Promise((resolve) => setTimeout(resolve, 1000))
    await informer.stop()
    expect(failures).toEqual([])
    expect(seen.sort()).toEqual(held.pods.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort())
  })
})
