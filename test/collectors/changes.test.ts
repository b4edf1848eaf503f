import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { changes } from '../../collectors/changes.ts'
import { type Answer, type Collected, collect, type Given, LATER, sendJson, sendStatus, statuses } from './collect.ts'

const LIST = '{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"41"},"items":[]}'

/** A pod whose deletion is the last thing that a test's watch tells: its hint ends the recording. */
const LAST = change('MODIFIED', 'last', { deletionTimestamp: '2026-01-31T08:00:00Z' })

function change(type: string, name: string, more: object = {}): string {
  const metadata = { name, namespace: 'shop', uid: name, resourceVersion: '42', ...more }
  return `{"type":"${type}","object":{"kind":"Pod","metadata":${JSON.stringify(metadata)}}}\n`
}

/**
 * Records what `tell` says to the watches of pods, the first of them as number 1, once the other resources have had their answers; these
 * stay silent, or answer what `also` answers.
 */
function record(tell: (watch: ServerResponse, number: number) => unknown, given: Given & { also?: Answer } = {}) {
  const recording = new AbortController()
  const { also, ...rest } = given
  const others = new Set<string | undefined>()
  const waiting: (() => void)[] = []
  let pods = 0
  return collect(
    changes,
    (url, response, request) => {
      const resource = url.pathname.split('/').at(-1)
      also?.(url, response, request)
      if (!url.searchParams.has('watch') && !response.headersSent) return sendJson(response, LIST)
      if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
      if (resource === 'pods') waiting.push(() => tell(response, ++pods))
      else others.add(resource)
      if (others.size < 2) return
      // Client and server share this loop: after a turn of it, what was answered has been read.
      for (const one of waiting.splice(0)) setTimeout(one, 20)
    },
    { recording: recording.signal, onHint: () => recording.abort(), ...rest },
  )
}

/** Lines of all segments of a resource. */
function lines({ evidence }: Collected, resource: string) {
  const segments = evidence.filter(({ path }) => path.startsWith(`changes/${resource}/`))
  return segments.flatMap(({ body }) =>
    body
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  )
}

function names(collected: Collected): string[] {
  return lines(collected, 'pods').map(({ type, reason, object }) => `${type} ${reason ?? object.metadata.name}`)
}

describe('changes', () => {
  it('are what a watch from now on sees, until the recording ends', async () => {
    const collected = await record((watch) => {
      watch.write(change('ADDED', 'a') + change('MODIFIED', 'b').slice(0, 20))
      watch.write(change('MODIFIED', 'b').slice(20) + change('BOOKMARK', '') + change('DELETED', 'a') + LAST)
    })
    expect(names(collected)).toEqual(['ADDED a', 'MODIFIED b', 'DELETED a', 'MODIFIED last'])
    expect(lines(collected, 'pods')[0]).toMatchObject({ observedAt: expect.stringMatching(/^2\S+Z$/) })
    expect(collected.evidence.map(({ path }) => path)).toEqual(['changes/pods/000001.jsonl'])
    expect(statuses(collected).sort()).toEqual(['events watch empty', 'nodes watch empty', 'pods watch complete'])
    expect(collected.error).toBeUndefined()
  })

  it('begin where a list of one object stood, so that nothing is replayed', async () => {
    const { requests } = await record((watch) => watch.write(LAST))
    expect(requests.filter((one) => one.includes('/pods'))).toEqual([
      'GET /api/v1/pods?limit=1',
      expect.stringMatching(/^GET \/api\/v1\/pods\?watch=1&resourceVersion=41&/),
    ])
  })

  it('tell of each watch what it was asked with', async () => {
    const { closes } = await record((watch) => watch.write(change('ADDED', 'a') + LAST))
    const costs = Object.fromEntries(closes.map(({ scope, cost }) => [scope.resource, cost]))
    const list = { requests: 2, bytes: LIST.length }
    expect(costs).toEqual({
      nodes: list,
      events: list,
      pods: { ...list, bytes: LIST.length + change('ADDED', 'a').length + LAST.length },
    })
  })

  it('are the bytes of the server, not ours', async () => {
    const object = '{"kind": "Pod","metadata":{"name":"a","n":1.50e3,"x":"\\u00e9é"}}'
    const collected = await record((watch) => watch.write(`{"type":"ADDED","object":${object}}\n${LAST}`))
    expect(collected.evidence[0]?.body.toString()).toContain(`"type":"ADDED","object":${object}}\n`)
  })

  it('of some namespaces are a watch each, and nodes are watched all the same', async () => {
    const collected = await record((watch, number) => number === 2 && watch.write(LAST), {
      settings: { namespaces: ['shop', 'other'] },
    })
    expect(collected.requests.filter((one) => one.includes('limit=1')).sort()).toEqual([
      'GET /api/v1/namespaces/other/events?limit=1',
      'GET /api/v1/namespaces/other/pods?limit=1',
      'GET /api/v1/namespaces/shop/events?limit=1',
      'GET /api/v1/namespaces/shop/pods?limit=1',
      'GET /api/v1/nodes?limit=1',
    ])
    expect(new Set(collected.evidence.map(({ path }) => path)).size).toBe(collected.evidence.length)
  })

  it('of a pod that starts terminating move its logs to the front; others do not', async () => {
    const { hints } = await record((watch) => {
      const deleted = { deletionTimestamp: '2026-01-31T08:00:00Z' }
      watch.write(change('MODIFIED', 'fine') + change('DELETED', 'gone', deleted) + change('ADDED', 'old', deleted))
      watch.write(change('MODIFIED', 'annotated', { annotations: { a: '"deletionTimestamp":"x"' } }) + LAST)
    })
    expect(hints).toEqual(['shop/last terminating'])
  })
})

describe('segments of changes', () => {
  it('hold a megabyte', async () => {
    const collected = await record((watch) => {
      for (let n = 0; n < 5; n++) watch.write(change('ADDED', `p${n}`, { annotations: { a: 'x'.repeat(600_000) } }))
      watch.write(LAST)
    })
    expect(collected.evidence.map(({ path }) => path)).toEqual([
      'changes/pods/000001.jsonl',
      'changes/pods/000002.jsonl',
      'changes/pods/000003.jsonl',
    ])
    expect(names(collected)).toEqual(['ADDED p0', 'ADDED p1', 'ADDED p2', 'ADDED p3', 'ADDED p4', 'MODIFIED last'])
  })

  it('come by their age while the recording goes on, so that a killed run has them', async () => {
    const recording = new AbortController()
    const collected = await record((watch) => watch.write(change('ADDED', 'a')), {
      recording: recording.signal,
      onItem: () => recording.abort(),
    })
    expect(names(collected)).toEqual(['ADDED a'])
    expect(statuses(collected)).toContain('pods watch complete')
  })
})

describe('a watch', () => {
  it('that lost its place begins anew, with a line for what could not be seen', async () => {
    const collected = await record((watch, number) => {
      const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version: 41 (99)' }
      if (number === 1) watch.end(`${change('ADDED', 'a')}{"type":"ERROR","object":${JSON.stringify(status)}}\n`)
      else watch.write(change('ADDED', 'b') + LAST)
    })
    expect(names(collected)).toEqual(['ADDED a', 'GAP too old resource version: 41 (99)', 'ADDED b', 'MODIFIED last'])
    expect(collected.requests.filter((one) => one.endsWith('/pods?limit=1'))).toHaveLength(2)
    expect(collected.closes.find(({ scope }) => scope.resource === 'pods')).toMatchObject({
      status: 'partial',
      reason: expect.stringContaining('1'),
    })
  })

  it('whose connection broke goes on where it was, with a line for the break', async () => {
    const collected = await record((watch, number) => {
      if (number === 1) watch.write(change('ADDED', 'a', { resourceVersion: '55' }), () => watch.destroy())
      else watch.write(LAST)
    })
    expect(names(collected)).toEqual(['ADDED a', expect.stringMatching(/^GAP /), 'MODIFIED last'])
    expect(collected.requests.filter((one) => one.includes('/pods?watch'))[1]).toContain('resourceVersion=55&')
  })

  it('that the server ends in good order goes on without a gap', async () => {
    const collected = await record((watch, number) =>
      number === 1 ? watch.end(change('ADDED', 'a', { resourceVersion: '55' })) : watch.write(LAST),
    )
    expect(names(collected)).toEqual(['ADDED a', 'MODIFIED last'])
    expect(statuses(collected)).toContain('pods watch complete')
  })

  it.each([
    ['has nothing to tell', ''],
    ['has lost its place', '{"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old"}}\n'],
  ])(
    'that the server ends at once, because it %s, is asked for less and less often, with a gap each time',
    async (_, body) => {
      const recording = new AbortController()
      const collected = await record(
        (watch, number) => {
          if (number === 1) setTimeout(() => recording.abort(), 1000)
          watch.end(body)
        },
        { recording: recording.signal },
      )
      const watches = collected.requests.filter((one) => one.includes('/pods?watch'))
      expect(watches.length).toBeLessThan(5)
      expect(names(collected).filter((name) => name.startsWith('GAP '))).toHaveLength(watches.length)
      expect(statuses(collected)).toContain('pods watch partial')
    },
  )

  it.each([
    [403, 'denied'],
    [404, 'failed'],
  ])('that answers %d costs nothing else: %s', async (code, status) => {
    const collected = await record((watch) => watch.write(LAST), {
      also: (url, response) => url.pathname === '/api/v1/nodes' && sendStatus(response, code, 'Reason', 'why'),
    })
    expect(statuses(collected).sort()).toEqual(['events watch empty', `nodes watch ${status}`, 'pods watch complete'])
  })

  it('that may list but not watch is denied', async () => {
    const collected = await record((watch) => watch.write(LAST), {
      also: (url, response) =>
        url.pathname === '/api/v1/events' &&
        url.searchParams.has('watch') &&
        sendStatus(response, 403, 'Forbidden', 'cannot watch events'),
    })
    expect(collected.closes.find(({ scope }) => scope.resource === 'events')).toMatchObject({
      status: 'denied',
      reason: expect.stringContaining('cannot watch events'),
    })
  })

  it('whose credentials are refused does not end the others', async () => {
    const collected = await record((watch) => watch.write(change('ADDED', 'a') + LAST), {
      also: (url, response) =>
        url.pathname === '/api/v1/nodes' && sendStatus(response, 401, 'Unauthorized', 'Unauthorized'),
    })
    expect(names(collected)).toEqual(['ADDED a', 'MODIFIED last'])
    expect(statuses(collected).sort()).toEqual(['events watch empty', 'nodes watch denied', 'pods watch complete'])
  })

  it.each([
    ['at once', 0, 'empty'],
    ['after seconds', 3100, 'timed-out'],
  ])(
    'that had not begun when the recording ended, %s, does not pass for one that saw nothing',
    async (_, wait, status) => {
      const recording = new AbortController()
      const collected = await collect(
        changes,
        (url, response) => {
          if (url.pathname !== '/api/v1/events') return sendStatus(response, 403, 'Forbidden', 'no')
          if (!url.searchParams.has('watch')) return sendJson(response, LIST)
          setTimeout(() => recording.abort(), wait)
          return LATER
        },
        { recording: recording.signal },
      )
      expect(collected.closes.find(({ scope }) => scope.resource === 'events')).toMatchObject({
        status,
        reason: expect.stringContaining('before the watch had begun'),
      })
    },
  )
})
