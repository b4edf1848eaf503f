import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { logs } from '../../collectors/logs.ts'
import { type Answer, collect, files, podTarget, sendStatus, sendText, statuses } from './collect.ts'

const T = '2026-01-31T08:00:00.000000001Z'
const APP = 'logs/shop/web-1/u1/app.log'

/** Answers every log alike. */
function log(body: string | Buffer): Answer {
  return (_, response) => sendText(response, body)
}

function start(response: ServerResponse): ServerResponse {
  return response.writeHead(200, { 'content-type': 'text/plain' })
}

describe('logs', () => {
  it('are read for each container on its own, the previous instance first', async () => {
    const collected = await collect(
      logs,
      (url, response) => {
        const container = url.searchParams.get('container')
        const previous = url.searchParams.get('previous') === 'true'
        if (previous && container === 'first')
          return sendStatus(
            response,
            400,
            'BadRequest',
            'previous terminated container "first" in pod "web-1" not found',
          )
        sendText(response, `${T} ${container} ${previous ? 'before' : 'now'}\n`)
      },
      { target: podTarget([{ name: 'first', restarts: 1 }, { name: 'second', hasPrevious: true }, { name: 'third' }]) },
    )
    expect(files(collected)).toEqual({
      'logs/shop/web-1/u1/second.previous.log': `${T} second before\n`,
      'logs/shop/web-1/u1/first.log': `${T} first now\n`,
      'logs/shop/web-1/u1/second.log': `${T} second now\n`,
      'logs/shop/web-1/u1/third.log': `${T} third now\n`,
    })
    expect(statuses(collected)).toEqual([
      'pods/log shop first previous empty',
      'pods/log shop second previous complete',
      'pods/log shop first complete',
      'pods/log shop second complete',
      'pods/log shop third complete',
    ])
    expect(collected.requests[0]).toBe(
      'GET /api/v1/namespaces/shop/pods/web-1/log?container=first&timestamps=true&previous=true',
    )
  })

  it('are read of init containers, sidecars and ephemeral containers too', async () => {
    const collected = await collect(logs, log(`${T} a line\n`), {
      target: podTarget([
        { name: 'setup', type: 'init', state: 'terminated', exitCode: 1, restarts: 2 },
        { name: 'proxy', type: 'sidecar' },
        { name: 'app' },
        { name: 'debugger', type: 'ephemeral' },
      ]),
    })
    expect(Object.keys(files(collected)).map((path) => path.split('/').at(-1))).toEqual([
      'setup.previous.log',
      'setup.log',
      'proxy.log',
      'app.log',
      'debugger.log',
    ])
  })

  it('of a pod that no node has taken are none, and its line says why', async () => {
    const collected = await collect(logs, log('x'), { target: podTarget([]) })
    expect(collected.requests).toEqual([])
    expect(collected.closes).toMatchObject([{ status: 'empty', reason: expect.stringContaining('ever started') }])
  })

  it('are those younger than --since, in whole seconds', async () => {
    const since = new Date('2026-01-31T07:00:00.123Z')
    const { requests } = await collect(logs, log(''), { target: podTarget([{}]), settings: { since } })
    expect(requests[0]).toContain('&sinceTime=2026-01-31T07%3A00%3A00Z')
  })

  it('keep bytes that are no UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from(`${T} caf`), Buffer.from([0xe9, 0xff, 0x00, 0x0a])])
    const collected = await collect(logs, log(bytes), { target: podTarget([{}]) })
    expect(collected.evidence[0]?.body.equals(bytes)).toBe(true)
  })

  it('without timestamps, as a virtual kubelet gives them, are logs all the same', async () => {
    const collected = await collect(logs, log('failed to read config\nretrying\n'), { target: podTarget([{}]) })
    expect(files(collected)).toEqual({ [APP]: 'failed to read config\nretrying\n' })
    const single = await collect(logs, log('listening on 8080\n'), { target: podTarget([{}]) })
    expect(files(single)).toEqual({ [APP]: 'listening on 8080\n' })
  })
})

describe('a log that is longer than its budget', () => {
  const lines = Array.from({ length: 1000 }, (_, n) => `${T} line ${n}\n`).join('')

  it('that it just fills is whole', async () => {
    const collected = await collect(logs, log(lines), { target: podTarget([{}], lines.length) })
    expect(files(collected)).toEqual({ [APP]: lines })
    expect(collected.closes).toMatchObject([{ status: 'complete' }])
  })

  it.each([lines.length - 1, 1000])(
    'keeps its head and its tail in %d bytes, and counts what it left out',
    async (budget) => {
      const collected = await collect(logs, log(lines), { target: podTarget([{}], budget) })
      const body = files(collected)[APP] ?? ''
      const [head = '', count = '', tail = ''] = body.split(/--- freezeframe gap: (\d+) bytes left out ---\n/)
      expect(head).toMatch(/^\S+Z line 0\n[\s\S]*\n$/)
      expect(tail).toMatch(/^2026[\s\S]*Z line 999\n$/)
      expect(head.length + tail.length + Number(count)).toBe(lines.length)
      expect(collected.closes).toMatchObject([
        { status: 'truncated', reason: expect.stringContaining('bytes left out') },
      ])
      expect(collected.evidence[0]?.obtained.truncated).toContain('bytes left out')
    },
  )

  it('is cut within a line where it is one line', async () => {
    const collected = await collect(logs, log(`${T} ${'x'.repeat(1_000_000)}\n`), { target: podTarget([{}], 200_000) })
    const [head, gap, tail] = (files(collected)[APP] ?? '').split('\n')
    expect(head?.length).toBe(100_000)
    expect(gap).toMatch(/^--- freezeframe gap: \d+ bytes left out ---$/)
    expect(tail?.length).toBe(99_839)
  })

  it('and than what is read at all ends with its last lines, between two timestamps', async () => {
    const early = `2026-01-31T08:00:00Z ${'x'.repeat(1000)}\n`.repeat(1024)
    const last = '2026-01-31T09:59:59Z almost\n2026-01-31T10:00:00Z the end\n'
    const collected = await collect(
      logs,
      (url, response) => {
        if (url.searchParams.has('tailLines')) return sendText(response, last)
        return pour(start(response), Buffer.from(early))
      },
      { target: podTarget([{}], 20_000) },
    )
    expect(files(collected)[APP]?.split('--- freezeframe gap: ')[1]).toBe(
      `size unknown, between 2026-01-31T08:00:00Z and 2026-01-31T09:59:59Z ---\n${last}`,
    )
    expect(collected.requests[1]).toBe(`${collected.requests[0]}&tailLines=2000`)
    expect(collected.closes).toMatchObject([{ status: 'truncated', reason: expect.stringContaining('size unknown') }])
  })
})

/** Once this much is written, some of it was read. */
const MORE_THAN_SOCKETS_HOLD = 32 * 1024 * 1024

/** Writes as fast as it is read, up to so many bytes. */
function pour(response: ServerResponse, chunk: Buffer, bytes = Number.POSITIVE_INFINITY, then = () => {}): void {
  let left = bytes
  while (!response.destroyed && left > 0 && response.write(chunk)) left -= chunk.length
  if (left <= 0) then()
  else if (!response.destroyed) response.once('drain', () => pour(response, chunk, left - chunk.length, then))
}

describe('a log that breaks off', () => {
  it('keeps what came before, and says where', async () => {
    const collected = await collect(
      logs,
      (_, response) => start(response).write(`${T} the last words\n`, () => response.destroy()),
      { target: podTarget([{}]) },
    )
    expect(files(collected)).toEqual({
      [APP]: `${T} the last words\n--- freezeframe gap: size unknown, after ${T} ---\n`,
    })
    expect(collected.closes).toMatchObject([{ status: 'partial' }])
  })

  it('because the run ended keeps what came, and leaves a line for each log that was not reached', async () => {
    const interrupt = new AbortController()
    const line = Buffer.from(`${T} working\n`.repeat(10_000))
    const collected = await collect(
      logs,
      (_, response) =>
        pour(start(response), line, MORE_THAN_SOCKETS_HOLD, () => interrupt.abort(new Error('interrupted'))),
      { target: podTarget([{ name: 'app' }, { name: 'second' }, { name: 'third' }]), signal: interrupt.signal },
    )
    expect(files(collected)[APP]).toMatch(/^\S+ working\n[\s\S]+--- freezeframe gap: size unknown, after \S+ ---\n$/)
    expect(statuses(collected)).toEqual(['pods/log shop second skipped', 'pods/log shop third skipped'])
    expect(collected.error).toMatchObject({ message: 'interrupted' })
  })
})

describe('what is no log', () => {
  it.each([
    [200, '', 'empty'],
    [200, 'unable to retrieve container logs for containerd://0123', 'gone'],
    [
      200,
      'failed to open log file "/var/log/pods/a/0.log": open /var/log/pods/a/0.log: no such file or directory',
      'gone',
    ],
    [
      200,
      'rpc error: code = Unavailable desc = connection error: containerd.sock: connect: connection refused\n',
      'failed',
    ],
    [400, 'container "app" in pod "web-1" is waiting to start: ContainerCreating', 'empty'],
    [400, 'previous terminated container "app" in pod "web-1" not found', 'empty'],
    [400, 'container "app" in pod "web-1" is not available', 'empty'],
    [400, 'container "app" in pod "web-1" is terminated', 'gone'],
    [404, 'pods "web-1" not found', 'gone'],
    [403, 'pods "web-1" is forbidden: User "ops" cannot get resource "pods/log"', 'denied'],
    [400, 'container debugger is not valid for pod web-1', 'failed'],
    [500, 'something else', 'failed'],
  ])('%d %j is a line in the ledger: %s', async (code, message, status) => {
    const collected = await collect(
      logs,
      (_, response) => (code === 200 ? sendText(response, message) : sendStatus(response, code, 'Reason', message)),
      { target: podTarget([{}]) },
    )
    expect(collected.evidence).toEqual([])
    expect(collected.closes).toMatchObject([{ status }])
    expect(collected.closes[0]?.reason ?? '').toContain(message.trimEnd())
  })
})

describe('what a proxy says in the place of a log', () => {
  it.each([
    [302, 'text/plain'],
    [200, 'text/html'],
  ])('with %d as %s is a failure', async (code, type) => {
    const collected = await collect(
      logs,
      (_, response) => response.writeHead(code, { 'content-type': type }).end('<a href="/login">Found</a>\n'),
      { target: podTarget([{}]) },
    )
    expect(collected.evidence).toEqual([])
    expect(collected.closes).toMatchObject([{ status: 'failed', reason: expect.stringContaining(`${code}`) }])
  })
})

describe('a node whose kubelet is dead', () => {
  it.each([
    [500, 'Get "https://10.0.0.1:10250/containerLogs/": dial tcp 10.0.0.1:10250: connect: connection refused'],
    [500, 'Get "https://10.0.0.1:10250/containerLogs/": dial tcp 10.0.0.1:10250: i/o timeout'],
    [500, 'error dialing backend: remote error: tls: internal error'],
    [500, 'Get "https://10.0.0.1:10250/": No agent available'],
    [502, 'proxy error from 127.0.0.1:6443 while dialing 10.0.0.1:10250, code 502: 502 Bad Gateway'],
  ])('says %d %j, and its other logs are not waited for', async (code, message) => {
    const silences = new Map<string, number>()
    const dead: Answer = (_, response) => {
      // A 502 is asked again; a hundredth of a second is wait enough for a test.
      response.setHeader('retry-after', '0.01')
      sendStatus(response, code, 'InternalError', message)
    }
    const target = podTarget([{ name: 'a', restarts: 1 }, { name: 'b' }])
    const first = await collect(logs, dead, { target, silences })
    expect(new Set(first.requests).size).toBe(1)
    expect(first.closes).toMatchObject([
      { scope: { container: 'a', previous: true }, status: 'failed', reason: expect.stringContaining(message) },
      { scope: { container: 'a' }, status: 'failed', reason: expect.stringContaining('node n1') },
      { scope: { container: 'b' }, status: 'failed', reason: expect.stringContaining('node n1') },
    ])
    const second = await collect(logs, dead, { target, silences })
    expect(second.requests).toEqual([])
    expect(new Set(second.closes.map(({ status }) => status))).toEqual(new Set(['failed']))
  })

  it.each([
    ['one that does not come leaves the others alone', ['hung', 'b', 'c'], 'timed-out complete complete'],
    ['three in a row are enough', ['hung', 'hung', 'hung', 'd'], 'timed-out timed-out timed-out failed'],
    [
      'an answer in between makes up for them',
      ['hung', 'hung', 'c', 'hung', 'e'],
      'timed-out timed-out complete timed-out complete',
    ],
  ])('is told by its silence: %s', async (_, containers, expected) => {
    const collected = await collect(
      logs,
      (url, response) => {
        if (!url.searchParams.get('container')?.startsWith('hung')) return sendText(response, `${T} alive\n`)
        response.setHeader('retry-after', '0.01')
        sendStatus(response, 504, 'Timeout', 'the kubelet did not answer')
      },
      { target: podTarget(containers.map((name, number) => ({ name: `${name}-${number}` }))) },
    )
    expect(collected.closes.map(({ status }) => status).join(' ')).toBe(expected)
  })

  it('costs its own logs, not those of another', async () => {
    const silences = new Map([['n2', Number.POSITIVE_INFINITY]])
    const collected = await collect(logs, log(`${T} alive\n`), { target: podTarget([{}]), silences })
    expect(collected.closes).toMatchObject([{ status: 'complete' }])
  })
})
