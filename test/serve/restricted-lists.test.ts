import { expect, onTestFinished, test } from 'vitest'
import { bundleOf, CORE_EVENTS, discoveryOf, eventOf, pagesOf } from './make-bundle.ts'
import { askServed, serveBundle } from './replay-server.ts'

const LIST = { kind: 'EventList', apiVersion: 'v1' }

test('events of nodes show among those of the captured namespaces, and never as all events of theirs', async () => {
  const source = await bundleOf([
    ...discoveryOf([CORE_EVENTS]),
    ...pagesOf('cluster/core/v1/events/shop', LIST, [eventOf('shop', 'Pod')], 500),
    ...pagesOf('cluster/core/v1/events/default/involvedObject.kind=Node', LIST, [eventOf('default', 'Node')], 500),
  ])
  const served = await serveBundle(source)
  onTestFinished(() => served.close())
  const list = async (path: string) => {
    const { text, headers } = await askServed(served, path)
    const { items } = JSON.parse(text) as { items: { metadata: { name: string } }[] }
    return { names: items.map(({ metadata }) => metadata.name), warning: headers.get('warning') }
  }
  expect(await list('/api/v1/events')).toEqual({
    names: ['Node-event', 'Pod-event'],
    warning: expect.stringContaining('only the namespaces shop were captured'),
  })
  expect(await list('/api/v1/namespaces/shop/events')).toEqual({ names: ['Pod-event'], warning: null })
  expect(await list('/api/v1/namespaces/default/events')).toEqual({
    names: ['Node-event'],
    warning: expect.stringContaining('of namespace default only what has involvedObject.kind=Node was captured'),
  })
})
