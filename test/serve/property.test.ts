import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { LedgerLine } from '../../src/bundle/format.ts'
import { DEFAULT_INCIDENT } from '../../src/cli/demo/incidents.ts'
import {
  bundleOf,
  CORE_CONFIGMAPS,
  CORE_EVENTS,
  CORE_PODS,
  discoveryOf,
  eventOf,
  GROUPED_EVENTS,
  lines,
  pagesOf,
  pod,
} from './make-bundle.ts'
import { expectSame, hold, recapture, recaptureBundle } from './recapture.ts'
import { serveBundle, TOKEN } from './replay-server.ts'

const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname

describe('a capture of a replayed bundle holds what the bundle holds, byte for byte', () => {
  it.each(findBundles())('%s', async (name) => {
    const source = join(FIXTURES, name)
    expectSame(await recapture(source), await hold(source))
  })

  it('of several namespaces and custom resources, in pages of the server and ours', async () => {
    const orders = { group: 'shop.example', version: 'v2', resource: 'orders', kind: 'Order' }
    const pods = Array.from({ length: 1203 }, (_, n) => pod(['a', 'a-b', 'z'][n % 3] ?? '', `web-${n}`))
    const source = await bundleOf([
      ...discoveryOf([CORE_PODS, CORE_CONFIGMAPS, { ...orders, namespaced: true }]),
      ...pagesOf('cluster/core/v1/pods/_all', { kind: 'PodList', apiVersion: 'v1' }, inOrder(pods), 500),
      ...pagesOf('cluster/core/v1/configmaps/_all', { kind: 'ConfigMapList', apiVersion: 'v1' }, CONFIG_MAPS, 2),
      ...pagesOf(
        'cluster/shop.example/v2/orders/_all',
        { kind: 'OrderList', apiVersion: 'shop.example/v2' },
        [
          '{"apiVersion":"shop.example/v2","kind":"Order","metadata":{"name":"first","namespace":"a","uid":"o1"},"spec":{"total":12345678901234567890.10,"note":"caf\\u00e9 \\/ \\ud83c\\udf4f <b>"}}',
          '{"metadata":{"uid":"o2","name":"second","namespace":"a"},"kind":"Order","apiVersion":"shop.example/v2"}',
        ],
        500,
      ),
    ])
    const held = await hold(source)
    expect(held.objects['cluster/core/v1/pods/_all']).toHaveLength(1203)
    expectSame(await recapture(source, ['--logs', 'none']), held)
  })

  it('of two namespaces alone and the events of nodes, captured with the same arguments', async () => {
    const nodeEvent = event('v1', 'node1.1')
      .replace('"namespace":"a"', '"namespace":"default"')
      .replace('"kind":"Pod"', '"kind":"Node"')
    const source = await bundleOf([
      ...discoveryOf([CORE_PODS, CORE_EVENTS]),
      ...pagesOf('cluster/core/v1/events/a', { kind: 'EventList', apiVersion: 'v1' }, [event('v1', 'first')], 500),
      ...pagesOf(
        'cluster/core/v1/events/default/involvedObject.kind=Node',
        { kind: 'EventList', apiVersion: 'v1' },
        [nodeEvent],
        500,
      ),
      ...['a', 'b'].flatMap((place) =>
        pagesOf(`cluster/core/v1/pods/${place}`, { kind: 'PodList', apiVersion: 'v1' }, [pod(place, 'web')], 500),
      ),
    ])
    expectSame(await recapture(source, ['-n', 'a', '-n', 'b']), await hold(source))
  })

  it('of a namespace, with the events of nodes, which live in another', async () => {
    const list = { kind: 'EventList', apiVersion: 'v1' }
    const source = await bundleOf([
      ...discoveryOf([CORE_EVENTS]),
      ...pagesOf('cluster/core/v1/events/a', list, [eventOf('a', 'Pod')], 500),
      ...pagesOf('cluster/core/v1/events/default/involvedObject.kind=Node', list, [eventOf('default', 'Node')], 500),
    ])
    const held = await hold(source)
    expect(Object.keys(held.objects)).toHaveLength(2)
    expectSame(await recapture(source, ['-n', 'a']), held)
  })

  it('of logs: several containers, previous ones, gaps, no newline at the end, bytes that are no UTF-8', async () => {
    const folder = 'logs/a/web/uid-web'
    const source = await bundleOf([
      ...discoveryOf([CORE_PODS]),
      ...pagesOf('cluster/core/v1/pods/_all', { kind: 'PodList', apiVersion: 'v1' }, [pod('a', 'web')], 500),
      [`${folder}/app.log`, lines(['one', 'two', 'no newline at the end']).trimEnd()],
      [
        `${folder}/app.previous.log`,
        `${lines(['before'])}--- freezeframe gap: 12900 bytes left out ---\n${lines(['after'])}`,
      ],
      [
        `${folder}/setup.log`,
        Buffer.concat([Buffer.from(lines(['caf'])), Buffer.from([0xe9, 0x20, 0xff, 0x00, 0x0a])]),
      ],
    ])
    const held = await hold(source)
    expect(Object.keys(held.logs)).toHaveLength(3)
    expectSame(await recapture(source), held)
  })

  it('of markers of redaction, which stay the pseudonyms that they are', async () => {
    const marker = '<redacted:env-value:0123456789abcdef>'
    const source = await bundleOf([
      ...discoveryOf([CORE_PODS, CORE_CONFIGMAPS]),
      ...pagesOf('cluster/core/v1/pods/_all', { kind: 'PodList', apiVersion: 'v1' }, [pod('a', 'web', marker)], 500),
      ...pagesOf(
        'cluster/core/v1/configmaps/_all',
        { kind: 'ConfigMapList', apiVersion: 'v1' },
        [
          `{"metadata":{"name":"settings","namespace":"a","uid":"c1"},"data":{"mode":"<redacted:configmap-value:0123456789abcdef>"}}`,
        ],
        500,
      ),
      ['logs/a/web/uid-web/app.log', lines(['login with <redacted:password:0123456789abcdef> failed'])],
    ])
    const held = await hold(source)
    expect(JSON.stringify(held)).toContain(marker)
    expectSame(await recapture(source), held)
  })

  it('of what was denied, which stays denied, in the words of the server', async () => {
    const source = await bundleOf(
      [
        ...discoveryOf([CORE_PODS, CORE_CONFIGMAPS]),
        ...pagesOf('cluster/core/v1/pods/_all', { kind: 'PodList', apiVersion: 'v1' }, [pod('a', 'web')], 500),
      ],
      [line('objects', 'configmaps', 'denied', 'configmaps is forbidden: User "ops" cannot list it')],
    )
    const seen = await recaptureBundle(source, [])
    const denied = seen.manifest.ledger.filter(
      ({ status, scope }) => status === 'denied' && scope.resource !== undefined,
    )
    expect(denied.map(({ scope }) => scope.resource)).toEqual(['configmaps'])
    expect(denied[0]?.reason).toContain('configmaps is forbidden: User "ops" cannot list it')
    await seen.close()
  })
})

describe('events', () => {
  const core = [event('v1', 'first'), event('v1', 'second')]
  const grouped = [event('events.k8s.io/v1', 'first'), event('events.k8s.io/v1', 'second')]
  const CORE = ['cluster/core/v1/events/_all', { kind: 'EventList', apiVersion: 'v1' }, core, 500] as const
  const GROUPED = [
    'cluster/events.k8s.io/v1/events/_all',
    { kind: 'EventList', apiVersion: 'events.k8s.io/v1' },
    grouped,
    500,
  ] as const

  it('of the core group come back as they were', async () => {
    const source = await bundleOf([...discoveryOf([CORE_EVENTS, GROUPED_EVENTS]), ...pagesOf(...CORE)])
    expectSame(await recapture(source), await hold(source))
  })

  const CAPTURED: [string, Parameters<typeof pagesOf>][] = [
    ['core', [...CORE]],
    ['events.k8s.io', [...GROUPED]],
  ]
  it.each(CAPTURED)('captured as those of %s are the same events in both groups', async (_, captured) => {
    const source = await bundleOf([...discoveryOf([CORE_EVENTS, GROUPED_EVENTS]), ...pagesOf(...captured)])
    const served = await serveBundle(source)
    onTestFinished(served.close)
    const read = async (path: string) => {
      const answer = await fetch(served.url + path, { headers: { authorization: `Bearer ${TOKEN}` } })
      return ((await answer.json()) as { items: object[] }).items
    }
    expect(await read('/api/v1/events')).toEqual(core.map((text) => expect.objectContaining(JSON.parse(text))))
    expect(await read('/apis/events.k8s.io/v1/events')).toEqual(
      grouped.map((text) => expect.objectContaining(JSON.parse(text))),
    )
  })
})

/** Bundles of every version of the format, and the recorded incident that the demo shows; the other recorded ones are tested with the real servers. */
function findBundles(): string[] {
  const versions = readdirSync(join(FIXTURES, 'bundles'), { recursive: true, encoding: 'utf8' })
  return [
    ...versions.filter((name) => name.endsWith('.tar.gz')).map((name) => join('bundles', name)),
    join('incidents', DEFAULT_INCIDENT, 'bundle.tar.gz'),
  ].sort()
}

const CONFIG_MAPS = ['a', 'b', 'c', 'd', 'e'].map(
  (name) => `{"metadata":{"name":"${name}","namespace":"a","uid":"c-${name}"}}`,
)

function inOrder(items: readonly string[]): string[] {
  const keyOf = (text: string) => {
    const { metadata } = JSON.parse(text) as { metadata: { name: string; namespace: string } }
    return `${metadata.namespace}/${metadata.name}`
  }
  return [...items].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

function event(apiVersion: string, name: string): string {
  const [object, note, series] =
    apiVersion === 'v1'
      ? ['involvedObject', 'message', { source: { component: 'kubelet' }, count: 3 }]
      : ['regarding', 'note', { deprecatedSource: { component: 'kubelet' }, deprecatedCount: 3 }]
  return JSON.stringify({
    metadata: { name, namespace: 'a', uid: `e-${name}`, resourceVersion: '4' },
    [object]: { kind: 'Pod', namespace: 'a', name: 'web', uid: 'uid-web' },
    reason: 'BackOff',
    [note]: 'Back-off restarting failed container',
    type: 'Warning',
    ...series,
  })
}

function line(collector: string, resource: string, status: LedgerLine['status'], reason: string): LedgerLine {
  return { collector, scope: { resource }, status, reason, requests: 1, bytes: 0, files: [] }
}
