import { describe, expect, it } from 'vitest'
import { pods } from '../../collectors/pods.ts'
import { apiServer } from './api-server.ts'
import { collect, files, LATER, page, sendJson, sendStatus, statuses } from './collect.ts'

describe('a list', () => {
  it('becomes numbered files, each exactly as answered', async () => {
    const pages: Record<string, string> = {
      '': page(['a', 'b'], 'two'),
      two: page(['c', 'd'], 'three'),
      three: page(['e']),
    }
    const collected = await collect(pods, (url, response) =>
      sendJson(response, pages[url.searchParams.get('continue') ?? '']),
    )
    expect(files(collected)).toEqual({
      'cluster/core/v1/pods/_all/0001.json': pages[''],
      'cluster/core/v1/pods/_all/0002.json': pages.two,
      'cluster/core/v1/pods/_all/0003.json': pages.three,
    })
    expect(statuses(collected)).toEqual(['pods complete'])
    expect(collected.evidence[1]?.obtained).toMatchObject({
      request: 'GET /api/v1/pods?limit=2&continue=two',
      status: 200,
      serverDate: expect.any(String),
    })
  })

  it('without objects is empty, and its page is kept', async () => {
    const collected = await collect(pods, (_, response) => sendJson(response, page([])))
    expect(files(collected)).toEqual({ 'cluster/core/v1/pods/_all/0001.json': page([]) })
    expect(statuses(collected)).toEqual(['pods empty'])
  })

  it('of some namespaces is a list and a folder each, and one that is denied costs only itself', async () => {
    const collected = await collect(
      pods,
      (url, response) =>
        url.pathname.includes('/other/')
          ? sendStatus(response, 403, 'Forbidden', 'pods is forbidden in other')
          : sendJson(response, page(['a'])),
      { settings: { namespaces: ['shop', 'other', 'last'] } },
    )
    expect(Object.keys(files(collected))).toEqual([
      'cluster/core/v1/pods/shop/0001.json',
      'cluster/core/v1/pods/last/0001.json',
    ])
    expect(statuses(collected)).toEqual(['pods shop complete', 'pods other denied', 'pods last complete'])
    expect(collected.requests).toEqual(
      ['shop', 'other', 'last'].map((name) => `GET /api/v1/namespaces/${name}/pods?limit=2`),
    )
  })

  it.each([
    [403, 'denied'],
    [404, 'failed'],
    [405, 'unsupported'],
    [406, 'unsupported'],
    [500, 'failed'],
  ])('that answers %d is a line in the ledger: %s', async (code, status) => {
    const collected = await collect(pods, (_, response) => sendStatus(response, code, 'Reason', 'why it is so'))
    expect(collected.evidence).toEqual([])
    expect(collected.closes).toEqual([
      { type: 'close', scope: { resource: 'pods' }, status, reason: expect.stringContaining('why it is so') },
    ])
  })

  it.each([
    ['names it', { resources: [{ name: 'pods', kind: 'Pod', namespaced: true, verbs: ['list'] }] }, 'failed'],
    ['does not name it', { resources: [] }, 'unsupported'],
    ['cannot tell', {}, 'failed'],
  ])('that answers 404 where discovery %s is a line in the ledger', async (_, document, status) => {
    const discovered = apiServer({ '/api/v1': document, '/api/v1/pods': 404 })
    expect(statuses(await collect(pods, discovered))).toEqual([`pods ${status}`])
  })

  it.each([
    ['{}', 'no items'],
    [
      '{"kind":"Status","metadata":{},"status":"Failure","message":"etcd is gone","code":500}',
      'no items: etcd is gone',
    ],
    ['{"kind":"PodList","metadata":{},"items":{}}', 'no items'],
    ['[]', 'no items'],
    ['null', 'no items'],
  ])('that is answered with %s is no list without objects but a failure', async (answer, reason) => {
    const collected = await collect(pods, (_, response) => sendJson(response, answer))
    expect(collected.evidence).toEqual([])
    expect(collected.closes).toMatchObject([{ status: 'failed', reason: expect.stringContaining(reason) }])
  })

  it('that fails half-way keeps its earlier pages and is partial', async () => {
    const collected = await collect(pods, (url, response) =>
      url.searchParams.has('continue')
        ? sendStatus(response, 500, 'InternalError', 'etcd is gone')
        : sendJson(response, page(['a'], 'next')),
    )
    expect(files(collected)).toEqual({ 'cluster/core/v1/pods/_all/0001.json': page(['a'], 'next') })
    expect(collected.closes).toMatchObject([{ status: 'partial', reason: expect.stringContaining('etcd is gone') }])
  })

  it('whose place expired half-way goes on in a later snapshot, and says so', async () => {
    const collected = await collect(pods, (url, response) => {
      const token = url.searchParams.get('continue')
      if (token === null) return sendJson(response, page(['a', 'b'], 'old'))
      if (token === 'fresh') return sendJson(response, page(['c']))
      return sendJson(
        response,
        {
          kind: 'Status',
          status: 'Failure',
          code: 410,
          reason: 'Expired',
          message: 'too old',
          metadata: { continue: 'fresh' },
        },
        410,
      )
    })
    expect(files(collected)).toEqual({
      'cluster/core/v1/pods/_all/0001.json': page(['a', 'b'], 'old'),
      'cluster/core/v1/pods/_all/0002.json': page(['c']),
    })
    expect(collected.closes).toMatchObject([{ status: 'complete', reason: expect.stringContaining('410') }])
  })

  it('whose place is lost for good is asked for anew, and what was read before is cut from the answer', async () => {
    const expired = { kind: 'Status', status: 'Failure', code: 410, reason: 'Expired', message: 'too old' }
    let anew = false
    const collected = await collect(pods, (url, response) => {
      const token = url.searchParams.get('continue')
      if (token === 'old') {
        anew = true
        return sendJson(response, expired, 410)
      }
      if (!anew) return sendJson(response, page(['a', 'b'], 'old'))
      return sendJson(response, token === null ? page(['b', 'bb'], 'rest') : page(['c']))
    })
    expect(Object.values(files(collected)).flatMap((text) => JSON.parse(text).items)).toMatchObject(
      ['a', 'b', 'bb', 'c'].map((name) => ({ metadata: { name } })),
    )
    expect(Object.keys(files(collected))).toHaveLength(3)
    expect(files(collected)['cluster/core/v1/pods/_all/0002.json']).toBe(page(['bb'], 'rest'))
    expect(collected.closes).toMatchObject([{ status: 'complete', reason: expect.stringContaining('left out') }])
  })

  it('asked for anew ends where nothing new has come', async () => {
    let anew = false
    const collected = await collect(pods, (url, response) => {
      if (url.searchParams.get('continue') === 'old') {
        anew = true
        return sendStatus(response, 410, 'Expired', 'too old')
      }
      return sendJson(response, anew ? page(['a', 'b']) : page(['a', 'b'], 'old'))
    })
    expect(Object.keys(files(collected))).toEqual(['cluster/core/v1/pods/_all/0001.json'])
    expect(statuses(collected)).toEqual(['pods complete'])
  })

  it('in no order is partial where its place is lost: nobody can tell what was read', async () => {
    const collected = await collect(pods, (url, response) =>
      url.searchParams.has('continue')
        ? sendStatus(response, 410, 'Expired', 'too old')
        : sendJson(response, page(['b', 'a'], 'old')),
    )
    expect(statuses(collected)).toEqual(['pods partial'])
  })

  it('that the end of the run interrupts leaves a line for every namespace that was not reached', async () => {
    const interrupt = new AbortController()
    const collected = await collect(
      pods,
      (url, response) => {
        if (url.pathname.includes('/first/')) return sendJson(response, page(['a']))
        interrupt.abort(new Error('interrupted'))
        return LATER
      },
      { signal: interrupt.signal, settings: { namespaces: ['first', 'second', 'third', 'fourth'] } },
    )
    expect(Object.keys(files(collected))).toEqual(['cluster/core/v1/pods/first/0001.json'])
    expect(statuses(collected)).toEqual(['pods first complete', 'pods third skipped', 'pods fourth skipped'])
    expect(collected.error).toMatchObject({ message: 'interrupted' })
  })
})
