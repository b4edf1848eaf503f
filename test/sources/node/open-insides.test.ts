import { execFileSync } from 'node:child_process'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { openInsides, type ProbesOutcome } from '../../../src/sources/node/open-insides.ts'
import { onChannel, servePods } from '../kube/pod-server.ts'

const JOBS = '/apis/batch/v1/namespaces/kube-system/jobs'
const RUNNING = {
  metadata: { name: 'p1-x' },
  status: { phase: 'Running', containerStatuses: [{ state: { running: {} } }] },
}

/** An old probe that nobody has removed, and one that may be in use. */
const OLD = [
  {
    metadata: { name: 'old', uid: 'u1', creationTimestamp: '2020-01-01T00:00:00Z' },
    spec: { activeDeadlineSeconds: 60 },
  },
  {
    metadata: { name: 'young', uid: 'u2', creationTimestamp: new Date().toISOString() },
    spec: { activeDeadlineSeconds: 60 },
  },
]

interface Given {
  /** As listed at each look, the last one from then on. */
  readonly pods?: readonly object[]
  readonly tar?: Buffer
  /** Has its way with the connection of the batch, which otherwise gets the tar and is closed. */
  readonly converse?: (socket: WebSocket) => void
  readonly create?: number
  readonly remove?: number
  /** Answers no creation. */
  readonly silent?: boolean
}

async function openNode({
  pods = [RUNNING],
  tar = Buffer.alloc(0),
  converse,
  create = 201,
  remove = 200,
  silent = false,
}: Given = {}) {
  const looks = [...pods]
  const bodies: Record<string, unknown>[] = []
  const { kube, requests } = await servePods({
    take(socket) {
      if (converse) return converse(socket)
      socket.send(onChannel(1, tar))
      socket.send(onChannel(3, JSON.stringify({ status: 'Success' })))
      socket.close(1000)
    },
    answer(request, response) {
      take(request, (body) => {
        bodies.push(body)
        if (silent && request.method === 'POST') return
        const { status, said } = answerTo(request, looks, create, remove)
        send(response, status, said)
      })
    },
  })
  const ending = new AbortController()
  const outcomes: ProbesOutcome[] = []
  const insides = openInsides({
    kube,
    ways: ['probe'],
    probe: { namespace: 'kube-system', image: 'busybox', lifetime: 60 },
    groups: { 0: ['disk'], 1: [] },
    signal: ending.signal,
    onProbes: (outcome) => outcomes.push(outcome),
  })
  const paths = () => requests.map((one) => one.replace(/\?.*/, '').replace(/freezeframe-probe-[0-9a-f]+/, 'PROBE'))
  return { inside: insides.of({ name: 'n1' }), insides, ending, outcomes, bodies, requests, paths }
}

function answerTo({ method, url = '' }: IncomingMessage, looks: object[], create: number, remove: number) {
  if (method === 'POST') return { status: create, said: refusalOf(create) }
  if (method === 'DELETE') return { status: remove, said: refusalOf(remove) }
  if (url.startsWith(JOBS)) return { status: 200, said: { items: OLD } }
  return { status: 200, said: { items: [looks.length > 1 ? looks.shift() : looks[0]] } }
}

function refusalOf(code: number): object {
  return code < 300
    ? {}
    : { kind: 'Status', status: 'Failure', code, reason: 'Forbidden', message: 'jobs is forbidden' }
}

function take(request: IncomingMessage, done: (body: Record<string, unknown>) => void): void {
  let text = ''
  request.on('data', (chunk: Buffer) => {
    text += chunk
  })
  request.on('end', () => done(text === '' ? {} : JSON.parse(text)))
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** What a probe sends, packed: one file of a collector. */
function packed(): Buffer {
  return execFileSync('sh', ['-c', 'd=$(mktemp -d); mkdir $d/disk; echo full >$d/disk/df.txt; tar -czC $d .; rm -r $d'])
}

/** Lets a batch have only this long; it has a minute and a half. */
function shortenTimes(milliseconds: number): void {
  const timeout = AbortSignal.timeout.bind(AbortSignal)
  const spy = vi.spyOn(AbortSignal, 'timeout').mockImplementation((own) => timeout(own === 90_000 ? milliseconds : own))
  onTestFinished(() => spy.mockRestore())
}

/** Lets a single request have only this long; it has a quarter of a minute. */
function shortenRequests(milliseconds: number): void {
  const [set, timeout] = [setTimeout, AbortSignal.timeout.bind(AbortSignal)]
  const shorten = (own: number | undefined) => (own === 15_000 ? milliseconds : own)
  const timers = vi
    .spyOn(globalThis, 'setTimeout')
    .mockImplementation(((run: () => void, own?: number) => set(run, shorten(own))) as typeof setTimeout)
  const signals = vi.spyOn(AbortSignal, 'timeout').mockImplementation((own) => timeout(shorten(own) ?? own))
  onTestFinished(() => {
    timers.mockRestore()
    signals.mockRestore()
  })
}

describe('the probe of a node', () => {
  it('runs one batch for all collectors of a sample, and is removed with the run', async () => {
    const { inside, insides, outcomes, paths, bodies } = await openNode({ tar: packed() })
    const [batch, same] = await Promise.all([inside.batch(0), inside.batch(0)])
    expect(same).toBe(batch)
    expect(batch.take('disk')).toEqual([{ path: 'df.txt', body: Buffer.from('full\n') }])
    expect(batch.take('disk')).toEqual([])
    await insides.close()
    expect(
      paths()
        .filter((one) => !one.endsWith('old'))
        .sort(),
    ).toEqual([
      `DELETE ${JOBS}/PROBE-1`,
      'GET /api/v1/namespaces/kube-system/pods',
      'GET /api/v1/namespaces/kube-system/pods/p1-x/exec',
      `GET ${JOBS}`,
      `POST ${JOBS}`,
    ])
    expect(bodies.at(-1)).toEqual({ propagationPolicy: 'Background' })
    expect(outcomes).toMatchObject([{ created: 1, left: [] }])
  })

  it('is removed at once when the run ends, without being asked', async () => {
    const { inside, insides, ending, paths } = await openNode({ tar: packed() })
    await inside.batch(0)
    ending.abort(new Error('interrupted'))
    await expect.poll(paths).toContain(`DELETE ${JOBS}/PROBE-1`)
    await insides.close()
  })

  it('that was never wanted is never created', async () => {
    const { insides, outcomes, requests } = await openNode()
    await insides.close()
    expect([requests, outcomes]).toEqual([[], []])
  })

  it('of an earlier run is removed only when it should have been gone for long', async () => {
    const { inside, insides, paths, bodies } = await openNode({ tar: packed() })
    await inside.batch(0)
    await insides.close()
    expect(paths().filter((one) => /old|young/.test(one))).toEqual([`DELETE ${JOBS}/old`])
    expect(bodies).toContainEqual({ propagationPolicy: 'Background', preconditions: { uid: 'u1' } })
  })

  it('that may not be created says so in the words of the server, for every collector', async () => {
    const { inside, insides } = await openNode({ create: 403 })
    await expect(inside.batch(0)).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('jobs is forbidden'),
    })
    await expect(inside.batch(1)).rejects.toMatchObject({ status: 403 })
    await insides.close()
  })

  it('that could not be removed is told', async () => {
    const { inside, insides, outcomes } = await openNode({ tar: packed(), remove: 403 })
    await inside.batch(0)
    await insides.close()
    expect(outcomes[0]?.left).toContainEqual(expect.stringMatching(/^that of node n1: .*forbidden/))
  })

  it('whose creation nobody has answered may come yet, and that is told', async () => {
    const { inside, insides, ending, outcomes, requests } = await openNode({ silent: true, remove: 404 })
    inside.batch(0).catch(() => {})
    await expect.poll(() => requests).toContain(`POST ${JOBS}`)
    ending.abort(new Error('interrupted'))
    await insides.close()
    expect(outcomes[0]?.left).toContainEqual(
      'that of node n1: its creation was not answered, and it may come yet; it ends by itself after 60 s',
    )
  })

  it.each([
    [
      { phase: 'Pending' },
      [
        'that of node n1: its Job is deleted, and its pod p1-x goes when the kubelet answers, which has not taken it up',
      ],
    ],
    [{ phase: 'Pending', startTime: '2026-01-31T08:00:00Z' }, []],
  ])('whose kubelet has not taken it up when the run ends is told of: %o', async (status, left) => {
    const { inside, insides, ending, outcomes, requests } = await openNode({
      pods: [{ metadata: { name: 'p1-x' }, status }],
    })
    inside.batch(0).catch(() => {})
    const looks = () => requests.filter((one) => one.includes('/pods?')).length
    await expect.poll(looks, { timeout: 10_000 }).toBeGreaterThan(7)
    ending.abort(new Error('interrupted'))
    await insides.close()
    expect(outcomes).toMatchObject([{ created: 1, left }])
  })

  it('whose creation nobody answers has timed out, so that another way can be gone', async () => {
    const { inside, ending, insides } = await openNode({ silent: true, remove: 404 })
    shortenRequests(300)
    await expect(inside.batch(0)).rejects.toMatchObject({ name: 'KubeError', reason: 'Timeout' })
    ending.abort(new Error('interrupted'))
    await insides.close()
  })

  it.each([
    [
      { phase: 'Failed', reason: 'OutOfpods', message: 'Pod was rejected' },
      'its pod failed: OutOfpods Pod was rejected',
    ],
    [
      { phase: 'Pending', containerStatuses: [{ state: { waiting: { reason: 'ErrImageNeverPull' } } }] },
      'ErrImageNeverPull',
    ],
  ])('that will never run is not waited for: %o', async (status, why) => {
    const { inside, insides } = await openNode({ pods: [{ metadata: { name: 'p1-x' }, status }] })
    await expect(inside.batch(0)).rejects.toThrow(`The probe of node n1 did not start: ${why}`)
    await insides.close()
  })

  it('is let go when the last file was read, whatever it would still say', async () => {
    const closed = Promise.withResolvers<void>()
    const { inside, insides } = await openNode({
      converse(socket) {
        socket.on('close', closed.resolve)
        socket.send(onChannel(1, packed()))
        socket.send(onChannel(1, Buffer.alloc(200_000, 7)))
      },
    })
    expect((await inside.batch(0)).take('disk')).toHaveLength(1)
    const late = new Promise((_, reject) => setTimeout(reject, 3000, new Error('it is still open')))
    await Promise.race([closed.promise, late])
    await insides.close()
  })

  it('has its whole time for the batch, however long its pod took to start', async () => {
    shortenTimes(300)
    const starting = { metadata: { name: 'p1-x' }, status: { phase: 'Pending' } }
    const { inside, insides } = await openNode({ tar: packed(), pods: [starting, RUNNING] })
    expect((await inside.batch(0)).take('disk')).toHaveLength(1)
    await insides.close()
  })

  it('that says nothing has timed out, so that another way can be gone', async () => {
    shortenTimes(300)
    const { inside, insides } = await openNode({ converse: () => {} })
    await expect(inside.batch(0)).rejects.toMatchObject({
      name: 'KubeError',
      reason: 'Timeout',
      message: 'The probe of node n1 did not answer in time.',
    })
    await insides.close()
  })

  it('that sends no tar is a failure, and no empty evidence', async () => {
    const { inside, insides } = await openNode({ tar: Buffer.from('sh: not found') })
    await expect(inside.batch(0)).rejects.toThrow(/gave nothing|cannot be read/)
    await insides.close()
  })
})
