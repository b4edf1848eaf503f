import { describe, expect, it } from 'vitest'
import { events } from '../../collectors/events.ts'
import { type Answer, collect, files, page, sendJson, sendStatus, statuses } from './collect.ts'

/** Denies some paths, and answers every other with one event. */
function deny(...paths: readonly string[]): Answer {
  return (url, response) =>
    paths.some((path) => url.pathname.startsWith(path))
      ? sendStatus(response, 403, 'Forbidden', 'events is forbidden')
      : sendJson(response, page(['a']))
}

describe('events', () => {
  it('are taken from core/v1, once', async () => {
    const collected = await collect(events, deny())
    expect(files(collected)).toEqual({ 'cluster/core/v1/events/_all/0001.json': page(['a']) })
    expect(collected.requests).toEqual(['GET /api/v1/events?limit=2'])
    expect(statuses(collected)).toEqual(['events complete'])
  })

  it('are taken from events.k8s.io where core is denied: the same objects, so nothing is missing', async () => {
    const collected = await collect(events, deny('/api/v1/'))
    expect(files(collected)).toEqual({ 'cluster/events.k8s.io/v1/events/_all/0001.json': page(['a']) })
    expect(statuses(collected)).toEqual(['events.events.k8s.io complete'])
    expect(collected.closes[0]?.reason).toContain('events is forbidden')
  })

  it('that are denied in both are denied', async () => {
    const collected = await collect(events, deny('/api/v1/', '/apis/events.k8s.io/'))
    expect(collected.evidence).toEqual([])
    expect(statuses(collected)).toEqual(['events denied', 'events.events.k8s.io denied'])
  })

  it('of nodes come along with those of a namespace, and do not pass for all events of theirs', async () => {
    const collected = await collect(events, deny(), { settings: { namespaces: ['shop'] } })
    expect(collected.requests).toEqual([
      'GET /api/v1/namespaces/shop/events?limit=2',
      'GET /api/v1/namespaces/default/events?limit=2&fieldSelector=involvedObject.kind%3DNode',
    ])
    expect(files(collected)).toEqual({
      'cluster/core/v1/events/shop/0001.json': page(['a']),
      'cluster/core/v1/events/default/involvedObject.kind=Node/0001.json': page(['a']),
    })
    expect(collected.closes.map(({ scope }) => scope)).toEqual([
      { resource: 'events', namespace: 'shop' },
      { resource: 'events', namespace: 'default', selector: 'involvedObject.kind=Node' },
    ])
  })

  it('of nodes are not asked for twice where their namespace is asked for', async () => {
    const { requests } = await collect(events, deny(), { settings: { namespaces: ['default'] } })
    expect(requests).toEqual(['GET /api/v1/namespaces/default/events?limit=2'])
  })

  it('that have all expired are empty', async () => {
    const collected = await collect(events, (_, response) => sendJson(response, page([])))
    expect(statuses(collected)).toEqual(['events empty'])
  })
})
