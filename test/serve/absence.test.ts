import { describe, expect, it, onTestFinished } from 'vitest'
import type { LedgerLine } from '../../src/bundle/format.ts'
import type { ReplayOptions } from '../../src/serve/replay.ts'
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
