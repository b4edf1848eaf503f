import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type DiagnosticsOutcome, openDiagnostics } from '../../../src/sources/node/diagnostic/open-diagnostics.ts'
import { servePods } from '../kube/pod-server.ts'

const ALL = '/apis/eks.amazonaws.com/v1alpha1/nodediagnostics'
const OURS = { 'app.kubernetes.io/managed-by': 'freezeframe', 'app.kubernetes.io/component': 'node-diagnostic' }

/** Left by an earlier run, and one that may be another run's. */
const OLD = [
  { metadata: { name: 'n8', uid: 'u8', creationTimestamp: '2020-01-01T00:00:00Z', labels: OURS } },
  { metadata: { name: 'n9', uid: 'u9', creationTimestamp: new Date().toISOString(), labels: OURS } },
]

const RUNNING = { running: { startedAt: '2026-01-31T08:00:00Z' } }
const completed = (reason: string, message: string) => ({
  completed: { reason, message, startedAt: '2026-01-31T08:00:00Z', finishedAt: '2026-01-31T08:01:00Z' },
})

interface Given {
  /** The state of the capture of logs at each look, the last one from then on; undefined before the agent has taken it up. */
  readonly states?: readonly (object | undefined)[]
  /** An object of that name that is there already. */
  readonly known?: { readonly metadata: object }
  readonly create?: number
  readonly remove?: number
  /** Drops the answer of the first creation, as a broken connection does. */
  readonly loseAnswer?: boolean
  /** Answers a creation only when this resolves. */
  readonly hold?: Promise<void>
  /** Removals that fail before one does as it is told. */
  readonly failures?: number
}

async function openAgents({
  states = [completed('Success', 'saved')],
  known,
  create = 201,
  remove = 200,
  loseAnswer,
  hold,
  failures = 0,
}: Given = {}) {
  const looks = [...states]
  let left = failures
  const bodies: unknown[] = []
  let there: { metadata: object } | undefined = known
  let isFirst = true
  const { kube, requests } = await servePods({
    take: () => {},
    answer(request, response) {
      takeBody(request, (body) => {
        if (body !== undefined) bodies.push(body)
        const url = request.url ?? ''
        if (request.method === 'DELETE') {
          const status = !url.endsWith('n8') && left-- > 0 ? 500 : remove
          return send(response, status, statusOf(status))
        }
        if (request.method === 'POST') {
          if (hold) return void hold.then(() => post(body as never, response))
          return post(body as never, response)
        }
        if (url.startsWith(`${ALL}?`)) return send(response, 200, { items: OLD })
        if (!there) return send(response, 404, statusOf(404))
        const state = looks.length > 1 ? looks.shift() : looks[0]
        const status = state === undefined ? {} : { status: { captureStatuses: [{ type: 'Log', state }] } }
        send(response, 200, { ...there, ...status })
      })
    },
  })

  function post(body: { metadata: object }, response: ServerResponse): void {
    const refusal = create >= 300 ? create : there ? 409 : undefined
    if (refusal !== undefined) return void send(response, refusal, statusOf(refusal))
    there = { metadata: { ...body.metadata, uid: 'u1' } }
    if (loseAnswer && isFirst) response.socket?.destroy()
    else send(response, 201, there)
    isFirst = false
  }

  const ending = new AbortController()
  const outcomes: DiagnosticsOutcome[] = []
  const diagnostics = openDiagnostics({ kube, signal: ending.signal, onDone: (outcome) => outcomes.push(outcome) })
  const changes = () => requests.filter((one) => !one.startsWith('GET'))
  return {
    diagnostics,
    ending,
    outcomes,
    bodies,
    requests,
    changes,
    vanish: () => (there = undefined),
    replace: () => (there = { metadata: { name: 'n1', uid: 'theirs' } }),
  }
}

const signal = new AbortController().signal

function statusOf(code: number): object {
  return code < 300
    ? {}
    : { kind: 'Status', status: 'Failure', code, reason: `R${code}`, message: `nodediagnostics: ${code}` }
}

function takeBody(request: IncomingMessage, done: (body: unknown) => void): void {
  let text = ''
  request.on('data', (chunk: Buffer) => {
    text += chunk
  })
  request.on('end', () => done(text === '' ? undefined : JSON.parse(text)))
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** Lets what is waited for come at once, and clocks that tell how long it took go on by as much. */
function hurry(): void {
  vi.useFakeTimers({ toFake: ['performance'], now: 0 })
  const ticking = setInterval(() => vi.advanceTimersByTime(60_000), 100)
  onTestFinished(() => {
    clearInterval(ticking)
    vi.useRealTimers()
  })
}

describe('the node monitoring agent of a node', () => {
  it('is asked by an object of the name of the node, which is gone when its logs are here', async () => {
    const { diagnostics, outcomes, bodies, changes } = await openAgents({
      states: [undefined, RUNNING, completed('Success', 'successfully saved logs')],
    })
    expect(await diagnostics.collect('n1', signal)).toEqual({ path: 'support/n1-logs.tar.gz', complaint: undefined })
    expect(bodies).toContainEqual({
      apiVersion: 'eks.amazonaws.com/v1alpha1',
      kind: 'NodeDiagnostic',
      metadata: {
        name: 'n1',
        labels: { ...OURS, 'app.kubernetes.io/instance': expect.stringMatching(/^[0-9a-f]{8}$/) },
      },
      spec: { logCapture: { destination: 'node', categories: ['All'] } },
    })
    await diagnostics.remove('n1')
    await diagnostics.close()
    expect(changes().filter((one) => !one.endsWith('n8'))).toEqual([`POST ${ALL}`, `DELETE ${ALL}/n1`])
    expect(bodies.at(-1)).toEqual({ preconditions: { uid: 'u1' } })
    expect(outcomes).toMatchObject([{ created: 1, left: [] }])
  })

  it('that met errors says which', async () => {
    const { diagnostics } = await openAgents({ states: [completed('SuccessWithErrors', 'saved with some errors')] })
    expect(await diagnostics.collect('n1', signal)).toMatchObject({ complaint: 'saved with some errors' })
    await diagnostics.close()
  })

  it('that failed says why, in its words', async () => {
    const { diagnostics } = await openAgents({ states: [completed('Failure', 'failed to create log file')] })
    await expect(diagnostics.collect('n1', signal)).rejects.toThrow(
      'The node monitoring agent of node n1 left no logs: failed to create log file.',
    )
    await diagnostics.close()
  })

  it.each([
    [undefined, 'it has not taken the request up within 45 s'],
    [RUNNING, 'it was still at work after 4 min'],
  ])('that is silent is not waited for: %o', async (state, why) => {
    hurry()
    const { diagnostics, changes } = await openAgents({ states: [state] })
    await expect(diagnostics.collect('n1', signal)).rejects.toMatchObject({
      reason: 'Timeout',
      message: expect.stringContaining(why),
    })
    await diagnostics.close()
    expect(changes()).toContain(`DELETE ${ALL}/n1`)
  })

  it('whose object somebody has deleted is not waited for', async () => {
    const { diagnostics, requests, vanish } = await openAgents({ states: [RUNNING] })
    const collecting = diagnostics.collect('n1', signal)
    const polled = () => requests.filter((one) => one === `GET ${ALL}/n1`).length
    await expect.poll(polled).toBe(1)
    vanish()
    await expect(collecting).rejects.toThrow('somebody has deleted its NodeDiagnostic')
    await diagnostics.close()
  })

  it('whose object somebody has replaced is not answered by the other, which is left alone', async () => {
    const { diagnostics, requests, bodies, replace } = await openAgents({
      states: [RUNNING, completed('Success', 'saved elsewhere')],
    })
    const collecting = diagnostics.collect('n1', signal)
    const polled = () => requests.filter((one) => one === `GET ${ALL}/n1`).length
    await expect.poll(polled).toBe(1)
    replace()
    await expect(collecting).rejects.toThrow('somebody has put another in the place of its NodeDiagnostic')
    await diagnostics.close()
    expect(bodies.at(-1)).toEqual({ preconditions: { uid: 'u1' } })
  })

  it.each([
    [{}, 'that somebody else has created: it was left alone'],
    [{ ...OURS, 'app.kubernetes.io/instance': 'other' }, 'that another run of freezeframe has created'],
  ])('that serves somebody else already is left alone: %o', async (labels, whose) => {
    const known = { metadata: { name: 'n1', uid: 'theirs', labels } }
    const { diagnostics, outcomes, changes } = await openAgents({ known })
    await expect(diagnostics.collect('n1', signal)).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining(whose),
    })
    await diagnostics.remove('n1')
    await diagnostics.close()
    expect(changes().filter((one) => one.endsWith('n1'))).toEqual([])
    expect(outcomes).toMatchObject([{ created: 0, left: [] }])
  })

  it('knows the object of this run where only the answer to its creation was lost', async () => {
    const { diagnostics, bodies } = await openAgents({ loseAnswer: true, states: [completed('Success', 'saved')] })
    expect(await diagnostics.collect('n1', signal)).toMatchObject({ path: 'support/n1-logs.tar.gz' })
    await diagnostics.close()
    expect(bodies.at(-1)).toEqual({ preconditions: { uid: 'u1' } })
  })

  it('is let go at once when the run ends, without being asked', async () => {
    const { diagnostics, ending, changes } = await openAgents({ states: [RUNNING] })
    const collecting = diagnostics.collect('n1', ending.signal)
    collecting.catch(() => {})
    await expect.poll(changes).toContain(`POST ${ALL}`)
    ending.abort(new Error('interrupted'))
    await expect.poll(changes, { timeout: 1500 }).toContain(`DELETE ${ALL}/n1`)
    await expect(collecting).rejects.toThrow()
    await diagnostics.close()
  })

  it('whose object may not be created, or not removed, says so', async () => {
    const refused = await openAgents({ create: 403 })
    await expect(refused.diagnostics.collect('n1', signal)).rejects.toMatchObject({ status: 403 })
    await refused.diagnostics.close()
    expect(refused.changes().filter((one) => one.startsWith('DELETE') && !one.endsWith('n8'))).toEqual([])
    const kept = await openAgents({ remove: 403 })
    await kept.diagnostics.collect('n1', signal)
    await kept.diagnostics.remove('n1')
    await kept.diagnostics.close()
    expect(kept.outcomes[0]?.left).toContainEqual(expect.stringMatching(/^that of node n1: .*403/))
  })

  it('whose object may come after the end is told of, and let go when it has come', async () => {
    const { promise: hold, resolve } = Promise.withResolvers<void>()
    const { diagnostics, ending, outcomes, changes } = await openAgents({ hold })
    diagnostics.collect('n1', ending.signal).catch(() => {})
    await expect.poll(changes).toContain(`POST ${ALL}`)
    ending.abort(new Error('interrupted'))
    await diagnostics.close()
    expect(outcomes).toMatchObject([
      { created: 1, left: ['that of node n1: its creation was not answered, and it may come yet'] },
    ])
    expect(changes()).not.toContain(`DELETE ${ALL}/n1`)
    resolve()
    await expect.poll(changes).toContain(`DELETE ${ALL}/n1`)
  })

  it('whose object could not be removed at once is removed at the end', async () => {
    const { diagnostics, outcomes, changes } = await openAgents({ failures: 1 })
    await diagnostics.collect('n1', signal)
    await diagnostics.remove('n1')
    await diagnostics.close()
    expect(changes().filter((one) => one === `DELETE ${ALL}/n1`)).toHaveLength(2)
    expect(outcomes).toMatchObject([{ created: 1, left: [] }])
  })

  it('of an earlier run is let go only when it should have been for long, and before anything is created', async () => {
    const { diagnostics, changes, bodies } = await openAgents()
    await diagnostics.collect('n1', signal)
    await diagnostics.close()
    expect(changes()).toEqual([`DELETE ${ALL}/n8`, `POST ${ALL}`, `DELETE ${ALL}/n1`])
    expect(bodies[0]).toEqual({ preconditions: { uid: 'u8' } })
  })

  it('that nobody wanted is asked for nothing', async () => {
    const { diagnostics, outcomes, requests } = await openAgents()
    await diagnostics.close()
    expect([requests, outcomes]).toEqual([[], []])
  })
})
