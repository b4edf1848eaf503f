import { describe, expect, it } from 'vitest'
import { containerOomkilled } from '../../../src/rules/compute/container-oomkilled.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, pod, replicaSet, thing } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const LIMITED = { resources: { limits: { memory: '64Mi' } } }

function web(status: object, spec: object = LIMITED) {
  return pod('shop/web-6c8f7d9b5-abcde', {
    owner: 'ReplicaSet/web-6c8f7d9b5',
    containers: [{ spec: spec as never, status: status as never }],
  })
}

describe('container-oomkilled', () => {
  it('names the workload and the limit that its container reached', async () => {
    const outcome = await evaluate(containerOomkilled, {
      objects: [web(crashed({ reason: 'OOMKilled', exitCode: 137 }))],
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof', from: Date.parse(ago(60)) })
    expect(outcome.findings[0]?.says).toContain('memory limit of 64Mi')
    expect(outcome.rejections).toEqual([])
  })

  it('says that a rollout lowered the limit', async () => {
    const generation = (name: string, revision: number, memory: string) =>
      replicaSet(`shop/${name}`, 'web', revision, {
        spec: { template: { spec: { containers: [{ name: 'app', resources: { limits: { memory } } }] } } },
      })
    const outcome = await evaluate(containerOomkilled, {
      objects: [
        generation('web-5d5d5d5d5', 1, '512Mi'),
        generation('web-6c8f7d9b5', 2, '64Mi'),
        web(crashed({ reason: 'OOMKilled', exitCode: 137 })),
      ],
    })
    expect(outcome.findings[0]?.says).toContain('changed the limit from 512Mi to 64Mi')
  })

  it('is quiet about a kill of days ago', async () => {
    const old = { restartCount: 1, lastState: crashed({ reason: 'OOMKilled', exitCode: 137, at: 90_000 }).lastState }
    expect((await evaluate(containerOomkilled, { objects: [web(old)] })).status).toBe('clear')
  })

  it('rejects exit code 137 with another reason, and a container without a limit', async () => {
    const killed = await evaluate(containerOomkilled, { objects: [web(crashed({ reason: 'Error', exitCode: 137 }))] })
    expect([killed.status, killed.rejections.length]).toEqual(['clear', 1])
    const unlimited = await evaluate(containerOomkilled, {
      objects: [web(crashed({ reason: 'OOMKilled', exitCode: 137 }), {})],
    })
    expect([unlimited.status, unlimited.rejections[0]?.says]).toEqual([
      'clear',
      'app was OOMKilled and has no memory limit: its node was full.',
    ])
  })

  it('takes one kill for a risk where the container has run well since, and says when it was', async () => {
    const running = (startedAt: string, restarts: number) => ({
      ...crashed({ reason: 'OOMKilled', exitCode: 137, at: 2400, restarts }),
      ready: true,
      state: { running: { startedAt } },
    })
    const over = await evaluate(containerOomkilled, { objects: [web(running(ago(2390), 1))] })
    expect(over.findings[0]).toMatchObject({ kind: 'risk', strength: 'weak' })
    expect(over.findings[0]?.says).toContain('last at 11:20:00')
    for (const again of [running(ago(2390), 4), running(ago(300), 1)])
      expect((await evaluate(containerOomkilled, { objects: [web(again)] })).findings[0]?.kind).toBe('cause')
  })

  it('takes the kill of a run for a risk where a later run of its CronJob succeeded', async () => {
    const killed = pod('shop/load-1-abcde', {
      owner: 'Job/load-1',
      ready: false,
      status: { phase: 'Failed' },
      containers: [
        {
          spec: LIMITED,
          status: { state: { terminated: { reason: 'OOMKilled', exitCode: 137, finishedAt: ago(1500) } } },
        },
      ],
    })
    const owner = [{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'load', uid: 'uid-load', controller: true }]
    const run = thing('batch/v1', 'Job', 'shop/load-1', { metadata: { ownerReferences: owner } })
    const cron = (seconds: number) =>
      thing('batch/v1', 'CronJob', 'shop/load', { status: { lastSuccessfulTime: ago(seconds) } })
    const kindOf = async (seconds: number) =>
      (await evaluate(containerOomkilled, { objects: [killed, run, cron(seconds)] })).findings[0]?.kind
    expect(await kindOf(300)).toBe('risk')
    expect(await kindOf(3000)).toBe('cause')
  })

  it('takes a shell at its word whose child was killed, and nobody else', async () => {
    const objects = [web(crashed({ reason: 'Error', exitCode: 137 }))]
    const saying = (line: string) =>
      evaluate(containerOomkilled, {
        objects,
        logs: { 'shop/web-6c8f7d9b5-abcde/app.previous': `${ago(70)} starting\n${ago(62)} ${line}\n` },
      })
    const killed = await saying('/entrypoint.sh: line 3:     7 Killed                  python app.py')
    expect(killed.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
    expect(killed.rejections).toEqual([])
    const calm = await saying('Killed 3 stale workers')
    expect([calm.status, calm.rejections.length]).toEqual(['clear', 1])
  })

  it.each([
    [{}, 'risk'],
    [{ owner: 'Job/load' }, 'cause'],
  ])('takes a pod that ran once, and that nobody owns, for a risk: %j', async (options, kind) => {
    const state = { terminated: { exitCode: 137, reason: 'OOMKilled', startedAt: ago(1900), finishedAt: ago(1800) } }
    const ended = pod('ci/run-1', {
      ready: false,
      spec: { restartPolicy: 'Never' },
      status: { phase: 'Failed' },
      containers: [{ spec: LIMITED, status: { ready: false, started: false, state } }],
      ...options,
    })
    const { findings } = await evaluate(containerOomkilled, { objects: [ended] })
    expect(findings.map((one) => one.kind)).toEqual([kind])
  })
})
