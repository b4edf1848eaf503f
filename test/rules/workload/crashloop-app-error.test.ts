import { describe, expect, it } from 'vitest'
import { crashloopAppError } from '../../../src/rules/workload/crashloop-app-error.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, event, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const web = 'shop/web-6c8f7d9b5-abcde'
const crashing = (end: Parameters<typeof crashed>[0] = {}) =>
  pod(web, { owner: 'ReplicaSet/web-6c8f7d9b5', ready: false, containers: [{ status: crashed(end) }] })

const PANIC = `${ago(63)} starting server on :8080
${ago(62)} panic: runtime error: invalid memory address or nil pointer dereference
${ago(62)} goroutine 1 [running]:
${ago(62)} main.main()
${ago(62)} \t/src/main.go:17 +0x1d
`

describe('crashloop-app-error', () => {
  it('quotes the last words and explains the exit code', async () => {
    const outcome = await evaluate(crashloopAppError, {
      objects: [crashing({ exitCode: 2 })],
      logs: { [`${web}/app.previous`]: PANIC },
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.findings[0]?.says).toContain('panic: runtime error')
    expect(outcome.findings[0]?.says).toContain('Exit code 2')
  })

  it.each([
    [1, 'weak'],
    [3, 'weak'],
    [137, 'weak'],
    [143, 'weak'],
    [134, 'strong'],
    [139, 'strong'],
    [0, 'strong'],
  ])('without the log says so, and believes exit code %i as far as it tells', async (exitCode, strength) => {
    const outcome = await evaluate(crashloopAppError, { objects: [crashing({ exitCode })], denied: ['logs'] })
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength })
    expect(outcome.findings[0]?.says).toContain('not in the bundle')
  })

  it('reads what the kubelet kept of the end where there is no log', async () => {
    const message = 'starting\nError: listen EADDRINUSE: address already in use 0.0.0.0:8080'
    const outcome = await evaluate(crashloopAppError, {
      objects: [crashing({ exitCode: 1, message })],
      denied: ['logs'],
    })
    expect(outcome.findings[0]?.says).toContain('EADDRINUSE')
  })

  it('tells of a command that ends without an error', async () => {
    const outcome = await evaluate(crashloopAppError, { objects: [crashing({ reason: 'Completed', exitCode: 0 })] })
    expect(outcome.findings[0]?.says).toContain('all is well')
  })

  it('finds a crash loop between two lives', async () => {
    const alive = { ...crashed(), ready: true, state: { running: { startedAt: ago(20) } } }
    const outcome = await evaluate(crashloopAppError, {
      objects: [pod(web, { owner: 'ReplicaSet/web-6c8f7d9b5', containers: [{ status: alive }] })],
    })
    expect(outcome.status).toBe('fired')
    const running = {
      objects: [pod(web, { containers: [{ status: alive }] })],
      logs: { [`${web}/app`]: `${ago(19)} ready to serve\n` },
    }
    expect((await evaluate(crashloopAppError, running)).findings[0]?.says).not.toContain('ready to serve')
  })

  it('is quiet about a restart of days ago, and one single one', async () => {
    const calm = (restarts: number, at: number) => ({
      ...crashed({ restarts, at }),
      ready: true,
      state: { running: { startedAt: ago(at - 5) } },
    })
    for (const status of [calm(7, 90_000), calm(1, 300)])
      expect((await evaluate(crashloopAppError, { objects: [pod(web, { containers: [{ status }] })] })).status).toBe(
        'clear',
      )
  })

  it('yields to what is more specific', async () => {
    const kill = event(
      'shop',
      `Pod/${web.split('/')[1]}`,
      'Killing',
      'Container app failed liveness probe, will be restarted',
    )
    const scenes = [
      { objects: [crashing({ reason: 'OOMKilled', exitCode: 137 })] },
      { objects: [crashing({ exitCode: 137 }), { ...kill, type: 'Normal' }] },
      { objects: [crashing({ reason: 'StartError', exitCode: 128 })] },
      {
        objects: [crashing()],
        logs: { [`${web}/app.previous`]: `${ago(62)} Error: EACCES: permission denied, open '/data/cache.db'\n` },
      },
    ]
    for (const scene of scenes) {
      const outcome = await evaluate(crashloopAppError, scene)
      expect(outcome.status).toBe('clear')
      expect(outcome.rejections).toHaveLength(1)
    }
  })

  it('tells of the failed pod of a Job, unless the Job succeeded since', async () => {
    const failed = pod('shop/load-x7k2p', {
      owner: 'Job/load',
      ready: false,
      spec: { restartPolicy: 'Never' },
      status: { phase: 'Failed' },
      containers: [
        { status: { ready: false, state: { terminated: { reason: 'Error', exitCode: 1, finishedAt: ago(120) } } } },
      ],
    })
    const job = (succeeded: number) => ({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'load', namespace: 'shop', uid: 'uid-load' },
      status: { succeeded },
    })
    expect(subjectsOf(await evaluate(crashloopAppError, { objects: [failed, job(0)] }))).toEqual(['Job shop/load'])
    expect((await evaluate(crashloopAppError, { objects: [failed, job(1)] })).status).toBe('clear')
  })
})
