import { describe, expect, it, onTestFinished } from 'vitest'
import { collectors } from '../../collectors/index.ts'
import type { LedgerLine } from '../../src/bundle/format.ts'
import type { Read } from '../../src/collector.ts'
import type { ReplayOptions } from '../../src/serve/replay.ts'
import { HEAD, makeBundle, saveBundle } from '../bundle/sample.ts'
import { bundleOf, CORE_EVENTS, CORE_PODS, discoveryOf, eventOf, type Listed, pagesOf, pod } from './make-bundle.ts'
import { askServed, type ServedBundle, serveBundle } from './replay-server.ts'

const NODES: Listed = { ...CORE_PODS, resource: 'nodes', kind: 'Node', namespaced: false }
const PODS = pagesOf('cluster/core/v1/pods/_all', { kind: 'PodList', apiVersion: 'v1' }, [pod('shop', 'web')], 500)

function lineOf(line: Pick<LedgerLine, 'collector' | 'scope' | 'status'> & { reason?: string }): LedgerLine {
  return { requests: 0, bytes: 0, files: [], ...line }
}

async function serve(source: string, options: ReplayOptions = {}): Promise<ServedBundle> {
  const served = await serveBundle(source, options)
  onTestFinished(served.close)
  return served
}

/** What a client is told, and whether it is warned of the same. */
async function refusalOf(served: ServedBundle, path: string) {
  const { status, text, headers } = await askServed(served, path)
  const { message } = JSON.parse(text) as { message: string }
  return { status, message, warning: headers.get('warning') }
}

describe('what is not in the bundle is a warning too, for clients that take its refusal for an empty list', () => {
  it('where it was denied', async () => {
    const reason = 'events is forbidden: User "ops" cannot list resource "events"'
    const denied = lineOf({ collector: 'events', scope: { resource: 'events' }, status: 'denied', reason })
    const served = await serve(await bundleOf([...discoveryOf([CORE_PODS, CORE_EVENTS]), ...PODS], [denied]))
    expect(await refusalOf(served, '/api/v1/namespaces/shop/events?limit=500')).toEqual({
      status: 403,
      message: `not in this bundle: events in namespace shop: denied: ${reason}`,
      warning: `299 - "not in this bundle: events in namespace shop: denied: ${reason.replaceAll('"', '\\"')}"`,
    })
  })

  it('where its namespace was not asked for, or it has another version', async () => {
    const events = pagesOf(
      'cluster/core/v1/events/shop',
      { kind: 'EventList', apiVersion: 'v1' },
      [eventOf('shop', 'Pod')],
      9,
    )
    const served = await serve(await bundleOf([...discoveryOf([CORE_EVENTS]), ...events]))
    for (const path of ['/api/v1/namespaces/till/events', '/api/v2/events']) {
      const { status, message, warning } = await refusalOf(served, path)
      expect({ status, warning }).toEqual({ status: 404, warning: `299 - "${message}"` })
    }
  })

  it('and where an object is missing from a list that is not complete', async () => {
    const line = lineOf({ collector: 'nodes', scope: { resource: 'nodes' }, status: 'partial', reason: 'the deadline' })
    const nodes = pagesOf('cluster/core/v1/nodes/_all', { kind: 'NodeList', apiVersion: 'v1' }, ['{}'], 9)
    const served = await serve(await bundleOf([...discoveryOf([NODES]), ...nodes], [line]))
    expect(await refusalOf(served, '/api/v1/nodes/node1')).toMatchObject({
      status: 404,
      warning: expect.stringContaining('this list is not complete: nodes partial: the deadline'),
    })
  })

  it('but not an object that is missing from a whole one', async () => {
    const served = await serve(await bundleOf([...discoveryOf([CORE_PODS]), ...PODS]))
    expect(await refusalOf(served, '/api/v1/namespaces/shop/pods/gone')).toEqual({
      status: 404,
      message: 'pods "gone" not found',
      warning: null,
    })
  })
})

/** What `capture --only pods` leaves: no discovery, and a line for each collector that was left out. */
async function servePodsOnly(ledger: readonly LedgerLine[] = LEFT_OUT): Promise<ServedBundle> {
  const resources = [
    served({ ...CORE_PODS }),
    served(NODES),
    served(CORE_EVENTS, ['events.k8s.io/v1']),
    served({ ...CORE_PODS, group: 'apps', resource: 'deployments', kind: 'Deployment' }),
    served({ ...CORE_PODS, group: 'autoscaling', version: 'v2', resource: 'horizontalpodautoscalers', kind: 'HPA' }, [
      'autoscaling/v1',
    ]),
    served({ ...CORE_PODS, group: 'shop.example', resource: 'orders', kind: 'Order' }),
  ]
  return serve(await saveBundle(await makeBundle(PODS, { head: { ...HEAD, resources, ledger } })))
}

function served(resource: Listed, alsoServedAs: readonly string[] = []) {
  return { ...resource, alsoServedAs }
}

const LEFT_OUT = ['pods', 'nodes', 'events', 'leases', 'objects', 'control-plane', 'api-discovery'].map((collector) =>
  lineOf({ collector, scope: {}, status: 'not-asked', reason: `${collector} left out by --only` }),
)

describe('discovery that was not captured', () => {
  const namesOf = async (bundle: ServedBundle, path: string) => {
    const { resources } = JSON.parse((await askServed(bundle, path)).text) as { resources: { name: string }[] }
    return resources.map(({ name }) => name)
  }

  it('names what the capture saw served, in all of its versions, whether it was listed or not', async () => {
    const bundle = await servePodsOnly()
    expect(await namesOf(bundle, '/api/v1')).toEqual(['pods', 'nodes', 'events'])
    expect(await namesOf(bundle, '/apis/events.k8s.io/v1')).toEqual(['events'])
    expect(await namesOf(bundle, '/apis/shop.example/v1')).toEqual(['orders'])
    expect(JSON.parse((await askServed(bundle, '/apis/autoscaling')).text)).toMatchObject({
      preferredVersion: { version: 'v2' },
      versions: [{ groupVersion: 'autoscaling/v2' }, { groupVersion: 'autoscaling/v1' }],
    })
    const { groups } = JSON.parse((await askServed(bundle, '/apis')).text) as { groups: { name: string }[] }
    expect(groups.map(({ name }) => name)).toEqual(['apps', 'autoscaling', 'events.k8s.io', 'shop.example'])
  })

  it('names built-in resources as people do', async () => {
    const { text } = await askServed(await servePodsOnly(), '/apis/apps/v1')
    expect((JSON.parse(text) as { resources: object[] }).resources).toEqual([
      {
        name: 'deployments',
        singularName: 'deployment',
        namespaced: true,
        kind: 'Deployment',
        verbs: ['get', 'list', 'watch'],
        shortNames: ['deploy'],
        categories: ['all'],
      },
    ])
  })

  it.each(['/apis/apps/v9', '/apis/nothing.example', '/apis/nothing.example/v1'])(
    '%s is not served as an empty group',
    async (path) => {
      expect(await refusalOf(await servePodsOnly(), path)).toMatchObject({
        status: 404,
        message: `not in this bundle: ${path}: not-asked: api-discovery left out by --only`,
      })
    },
  )
})

/** What a collector asks for by a declaration, a `*` filled in; nothing for the one of everything else. */
function pathsOf(read: Read): string[] {
  if ('nonResourceURLs' in read)
    return read.nonResourceURLs.filter((url) => !ALWAYS.includes(url)).map((url) => url.replace('*', 'v3'))
  if (!('resources' in read)) return []
  const root = read.group === '' ? '/api/v1' : `/apis/${read.group}/v1`
  return read.resources.map((resource) => `${root}/${resource}`)
}

/** The roots of discovery are answered even where nothing was captured. */
const ALWAYS = ['/api', '/apis']

describe('the reason of what no line of the ledger names', () => {
  it.each([
    ['/api/v1/nodes', 'nodes'],
    ['/api/v1/namespaces/shop/events', 'events'],
    ['/apis/events.k8s.io/v1/events', 'events'],
    ['/apis/coordination.k8s.io/v1/leases', 'leases'],
    ['/apis/apps/v1/deployments', 'objects'],
    ['/apis/shop.example/v1/namespaces/shop/orders/first', 'objects'],
    ['/apis/metrics.k8s.io/v1beta1/pods', 'control-plane'],
    ['/metrics', 'control-plane'],
    ['/readyz', 'control-plane'],
    ['/livez', 'control-plane'],
    ['/debug/api_priority_and_fairness/dump_queues', 'control-plane'],
    ['/version', 'api-discovery'],
    ['/openapi/v3', 'api-discovery'],
    ['/openapi/v3/apis/apps/v1', 'api-discovery'],
  ])('is that of the collector that would have read it: %s', async (path, collector) => {
    expect(await refusalOf(await servePodsOnly(), path)).toMatchObject({
      status: 404,
      message: expect.stringMatching(
        new RegExp(`^not in this bundle: .*: not-asked: ${collector} left out by --only$`),
      ),
    })
  })

  it.each(
    collectors
      // Kubelets are asked, and no part of what is replayed.
      .filter(({ id, scope }) => id !== 'changes' && id !== 'logs' && scope !== 'node')
      .flatMap(({ id, reads }) => reads.flatMap((read) => pathsOf(read).map((path) => [id, path] as const))),
  )('is that of %s for what it declares to read: %s', async (id, path) => {
    expect((await refusalOf(await serve(await bundleOf([], LEFT_OUT)), path)).message).toContain(`: ${id} left out`)
  })

  it.each([
    '/healthz',
    '/openapi/v2',
    '/',
    '/logs/kube-apiserver.log',
    '/debug/pprof',
    '/api/v1/watch/pods',
    '/api/v1/watch/namespaces/shop/pods',
  ])('is that nobody ever asks for it: %s', async (path) => {
    expect((await refusalOf(await servePodsOnly(), path)).message).toMatch(/: freezeframe never asks for it$/)
  })

  const COMPLETE = lineOf({ collector: 'api-discovery', scope: { path: '/apis' }, status: 'complete' })
  it.each<[string, LedgerLine, string]>([
    ['/apis/nothing.example/v1/things', COMPLETE, 'the API server did not name it'],
    ['/apis/nothing.example/v1', COMPLETE, 'the API server did not name it'],
    [
      '/apis/dead.example/v1/things',
      lineOf({
        collector: 'api-discovery',
        scope: { path: '/apis/dead.example/v1' },
        status: 'failed',
        reason: 'stale',
      }),
      'failed: stale',
    ],
    [
      '/openapi/v3/apis/apps/v1',
      lineOf({ collector: 'api-discovery', scope: { path: '/openapi/v3' }, status: 'denied', reason: 'forbidden' }),
      'denied: forbidden',
    ],
    [
      '/apis/metrics.k8s.io/v1beta1/nodes',
      lineOf({
        collector: 'control-plane',
        scope: { resource: 'metrics.k8s.io' },
        status: 'unsupported',
        reason: 'metrics.k8s.io is not served',
      }),
      'unsupported: metrics.k8s.io is not served',
    ],
  ])('is what discovery found: %s', async (path, line, why) => {
    expect((await refusalOf(await servePodsOnly([line]), path)).message).toMatch(new RegExp(`: ${why}$`))
  })
})

describe('a list that was not captured', () => {
  it('of namespaces is not taken for captured because those that were asked for were looked up', async () => {
    const looked = lineOf({ collector: 'namespaces', scope: { resource: 'namespaces' }, status: 'complete' })
    const { message } = await refusalOf(await servePodsOnly([looked, ...LEFT_OUT]), '/api/v1/namespaces')
    expect(message).toBe('not in this bundle: namespaces: not-asked: objects left out by --only')
  })

  it('is not named by namespaces where only some of its objects were listed in any', async () => {
    const ofNodes = 'cluster/core/v1/events/default/involvedObject.kind=Node'
    const events = pagesOf(ofNodes, { kind: 'EventList', apiVersion: 'v1' }, [eventOf('default', 'Node')], 9)
    const bundle = await serve(await bundleOf([...discoveryOf([CORE_EVENTS]), ...events]))
    expect((await refusalOf(bundle, '/api/v1/namespaces/shop/events')).message).toBe(
      'not in this bundle: events in namespace shop: no namespace of it was captured whole',
    )
    expect((await askServed(bundle, '/api/v1/events')).headers.get('warning')).toContain('no namespace of it')
  })

  it.each([
    '/api/v1/nodes',
    '/api/v1/events',
    '/api/v1/namespaces/shop/events',
    '/apis/apps/v1/deployments',
    '/apis/apps/v1/namespaces/shop/deployments',
    '/apis/autoscaling/v1/horizontalpodautoscalers',
    '/apis/shop.example/v1/orders',
    '/api/v1/secrets',
    '/api/v1/nothing',
  ])('is refused with a reason, never empty: %s', async (path) => {
    const { status, message, warning } = await refusalOf(await servePodsOnly(), path)
    expect({ status, warning }).toEqual({ status: 404, warning: `299 - "${message}"` })
    expect(message).toMatch(/^not in this bundle: \S+.*: not-asked: \w+ left out by --only$/)
  })
})

describe('the state at another moment', () => {
  const at = new Date('2026-01-31T23:59:30.000Z')
  const REBUILT =
    '299 - "rebuilt state at 2026-01-31T23:59:30.000Z: that something is not shown does not prove that it was not there"'
  const LIST = '/api/v1/namespaces/shop/pods'

  it('is said to be rebuilt with every list, and with a watch that begins with one', async () => {
    const bundle = await serve(await bundleOf([...discoveryOf([CORE_PODS]), ...PODS]), { at })
    const watch = `${LIST}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`
    for (const path of [LIST, '/api/v1/pods?limit=1', `${watch}&timeoutSeconds=1`])
      expect((await askServed(bundle, path)).headers.get('warning'), path).toBe(REBUILT)
    expect((await askServed(bundle, `${LIST}/web`)).headers.get('warning')).toBeNull()
  })

  it('stands beside what the list lacks', async () => {
    const line = lineOf({ collector: 'pods', scope: { resource: 'pods' }, status: 'partial', reason: 'the deadline' })
    const bundle = await serve(await bundleOf([...discoveryOf([CORE_PODS]), ...PODS], [line]), { at })
    expect((await askServed(bundle, LIST)).headers.get('warning')).toBe(
      `${REBUILT}, 299 - "this list is not complete: pods partial: the deadline"`,
    )
  })

  it('does not prove that an object was not there', async () => {
    const bundle = await serve(await bundleOf([...discoveryOf([CORE_PODS]), ...PODS]), { at })
    expect(await refusalOf(bundle, `${LIST}/gone`)).toMatchObject({
      status: 404,
      message: 'pods "gone" not found at 2026-01-31T23:59:30.000Z, as far as this bundle proves',
    })
  })
})
