import { describe, expect, it } from 'vitest'
import type { LedgerLine } from '../../src/bundle/format.ts'
import { type CollectRun, startCollecting } from '../../src/capture/collect.ts'
import { createEnding } from '../../src/capture/ending.ts'
import type { Close, CollectContext, Collector, Evidence, Target } from '../../src/collector.ts'
import { FreezeframeError } from '../../src/error.ts'
import { type KubeClient, KubeError, type RequestOptions } from '../../src/sources/kube/client.ts'
import { connectTo, get, sendStatus, serve } from '../sources/kube/server.ts'

const target: Target = { kind: 'cluster' }

function evidence(path: string, scope: Evidence['scope'] = {}, truncated?: string): Evidence {
  const obtained = { request: `GET /${path}`, at: '2026-01-31T00:00:00.000Z', ...(truncated ? { truncated } : {}) }
  return { type: 'evidence', scope, path, body: Buffer.from(path), content: { type: 'log' }, obtained }
}

function close(scope: Close['scope'], status: Close['status'], reason?: string): Close {
  return { type: 'close', scope, status, ...(reason === undefined ? {} : { reason }) }
}

/** Runs a collector that yields these items, then throws `error` if there is one. */
async function collect(
  items: (Evidence | Close)[],
  options: {
    error?: unknown
    run?: Partial<CollectRun>
    asks?: (context: CollectContext) => Promise<void>
    abandon?: boolean
  } = {},
) {
  const lines: LedgerLine[] = []
  const appended: string[] = []
  const interrupt = new AbortController()
  const ending = createEnding(interrupt.signal, 60_000)
  const collector: Collector = {
    id: 'sample',
    title: 'sample',
    volatility: 2,
    scope: 'cluster',
    reads: [],
    async *collect(context) {
      await options.asks?.(context)
      yield* items
      if (options.error !== undefined) throw options.error
    },
  }
  const run: CollectRun = {
    ending,
    redact: async (body) => ({ body, counts: {}, observed: [] }),
    append: async (file) => appended.push(file.path) > 0,
    observe: () => {},
    close: (line) => lines.push(line),
    ...options.run,
  }
  const kube = { get: async () => ({ status: 200, body: Buffer.from('{}') }) } as unknown as KubeClient
  const context = { kube, target } as CollectContext
  const collecting = startCollecting(collector, context, run)
  await (options.abandon ? new Promise(setImmediate) : collecting.done)
  collecting.abandon()
  ending.dispose()
  return { lines: lines.map(({ scope, status, reason, files }) => ({ scope, status, reason, files })), appended }
}

it('gives the memory of a body back when it is in the bundle, and not before', async () => {
  const order: string[] = []
  await collect([evidence('a'), evidence('b')], {
    run: {
      redact: async (body) => ({ body, counts: {}, observed: [], release: () => order.push(`released ${body}`) }),
      async append({ path }) {
        await new Promise(setImmediate)
        order.push(`appended ${path}`)
        return true
      },
    },
  })
  expect(order).toEqual(['appended a', 'released a', 'appended b', 'released b'])
})

describe('the ledger line of a source', () => {
  it('is complete when evidence came and nobody closed it, empty when the collector says so', async () => {
    const { lines } = await collect([evidence('a', { resource: 'pods' }), close({ resource: 'nodes' }, 'empty')])
    expect(lines).toEqual([
      { scope: { resource: 'nodes' }, status: 'empty', reason: undefined, files: [] },
      { scope: { resource: 'pods' }, status: 'complete', reason: undefined, files: ['a'] },
    ])
  })

  it('is there even where a collector yields nothing, and is empty only if it asked', async () => {
    const asks = async (context: CollectContext) => void (await context.kube.get('/x', {} as RequestOptions))
    expect((await collect([], { asks })).lines).toMatchObject([{ scope: {}, status: 'empty' }])
    expect((await collect([])).lines).toMatchObject([{ scope: {}, status: 'failed', reason: 'it asked for nothing' }])
  })

  it.each([
    [403, 'Forbidden', 'denied'],
    [401, 'Unauthorized', 'denied'],
    [404, 'NotFound', 'unsupported'],
    [405, 'MethodNotAllowed', 'unsupported'],
    [0, 'Timeout', 'timed-out'],
    [500, 'InternalError', 'failed'],
  ])('says what HTTP %i %s means: %s', async (status, reason, expected) => {
    const error = new KubeError({ message: 'the server said so', status, reason })
    expect((await collect([], { error })).lines).toMatchObject([{ status: expected, reason: 'the server said so' }])
  })

  it('is denied where the server does not accept the credentials any more', async () => {
    const server = await serve((_, response) => sendStatus(response, 401, 'Unauthorized', 'Unauthorized'))
    const kube = await connectTo({ server: server.url }, { token: 'expired' })
    const error = await kube.get('/api/v1/pods', get()).catch((thrown) => thrown)
    expect((await collect([], { error })).lines).toMatchObject([
      { status: 'denied', reason: expect.stringContaining('does not accept the credentials') },
    ])
  })

  it('comes in the order of its source, although small pieces of evidence do not wait for one another', async () => {
    const asked: string[] = []
    const first = Promise.withResolvers<void>()
    const redact: CollectRun['redact'] = async (body) => {
      asked.push(String(body))
      if (String(body) === 'a') await first.promise
      if (String(body) === 'c') first.resolve()
      return { body, counts: {}, observed: [] }
    }
    const items = [evidence('a', { name: 'x' }), close({ name: 'x' }, 'complete'), evidence('b'), evidence('c')]
    const { lines, appended } = await collect(items, { run: { redact } })
    expect(asked).toEqual(['a', 'b', 'c'])
    expect(appended).toEqual(['a', 'b', 'c'])
    expect(lines).toMatchObject([
      { scope: { name: 'x' }, files: ['a'] },
      { scope: {}, files: ['b', 'c'] },
    ])
  })

  it('waits with what is large until the piece before it is kept', async () => {
    const held: number[] = []
    let kept = 0
    let given = 0
    const redact: CollectRun['redact'] = async (body) => {
      held.push(++given - kept)
      return { body, counts: {}, observed: [] }
    }
    const append: CollectRun['append'] = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      return ++kept > 0
    }
    const items = ['a', 'b', 'c', 'd'].map((path) => ({ ...evidence(path), body: Buffer.alloc(2 * 1024 * 1024) }))
    await collect(items, { run: { redact, append } })
    expect(Math.max(...held)).toBe(2)
  })

  it('is there for what is still being redacted when a run cannot wait', async () => {
    const items = [evidence('a', { name: 'x' }), close({ name: 'x' }, 'complete'), close({ name: 'y' }, 'empty')]
    const { lines } = await collect(items, { run: { redact: () => new Promise(() => {}) }, abandon: true })
    expect(lines).toMatchObject([
      { scope: { name: 'x' }, status: 'failed', files: [] },
      { scope: { name: 'y' }, status: 'failed', files: [] },
    ])
  })

  it('is partial, with what came, when a source fails half-way', async () => {
    const error = new KubeError({ message: 'connection reset', status: 0, reason: 'ConnectionFailed' })
    const { lines, appended } = await collect([evidence('a'), evidence('b')], { error })
    expect(appended).toEqual(['a', 'b'])
    expect(lines).toMatchObject([{ status: 'partial', reason: 'connection reset', files: ['a', 'b'] }])
  })

  it('is truncated when a file was cut by policy', async () => {
    const { lines } = await collect([evidence('a', {}, 'head and tail of 9 bytes')])
    expect(lines).toMatchObject([{ status: 'truncated', reason: 'head and tail of 9 bytes' }])
  })

  it('is withheld when a file cannot be redacted, and the file does not reach the bundle', async () => {
    const redact: CollectRun['redact'] = async (body) => {
      if (String(body) === 'bad') throw new FreezeframeError('REDACTION_FAILED', 'not JSON')
      return { body, counts: {}, observed: [] }
    }
    const items = [evidence('good'), evidence('bad'), close({}, 'complete')]
    const { lines, appended } = await collect(items, { run: { redact } })
    expect(appended).toEqual(['good'])
    expect(lines).toMatchObject([{ status: 'withheld', reason: expect.stringContaining('bad could not be redacted') }])
  })

  it('is skipped when a file does not fit any more, partial when others did; the collector goes on', async () => {
    const big = (path: string) => path.startsWith('big')
    const append: CollectRun['append'] = async ({ path }) => !big(path)
    const items = [evidence('big/1', { name: 'a' }), evidence('big/2', { name: 'b' }), evidence('small', { name: 'b' })]
    const { lines } = await collect(items, { run: { append } })
    expect(lines).toMatchObject([
      { scope: { name: 'a' }, status: 'skipped', reason: '--max-size leaves no room for big/1', files: [] },
      { scope: { name: 'b' }, status: 'partial', files: ['small'] },
    ])
  })

  it('says why the run ended, and tells a deadline from an interruption', async () => {
    const interrupted = new AbortController()
    interrupted.abort()
    const byHand = createEnding(interrupted.signal, 60_000)
    const error = new DOMException('aborted', 'AbortError')
    expect((await collect([], { error, run: { ending: byHand } })).lines).toMatchObject([
      { status: 'skipped', reason: 'interrupted' },
    ])
    const late = createEnding(new AbortController().signal, 60_000)
    late.end('deadline', 'the deadline of 1 min was reached')
    expect((await collect([], { error, run: { ending: late } })).lines).toMatchObject([{ status: 'timed-out' }])
    expect((await collect([evidence('a')], { error, run: { ending: late } })).lines).toMatchObject([
      { status: 'partial' },
    ])
    byHand.dispose()
    late.dispose()
  })
})
