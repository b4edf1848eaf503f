import { describe, expect, it } from 'vitest'
import { livenessKillsHealthyApp } from '../../../src/rules/workload/liveness-kills-healthy-app.ts'
import { startupSlowerThanLiveness } from '../../../src/rules/workload/startup-slower-than-liveness.ts'
import { cadvisor, throttled } from '../../incident/kubelet-answers.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, event, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const NAME = 'web-6c8f7d9b5-abcde'
const spec = {
  ports: [{ name: 'http', containerPort: 8080 }],
  livenessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 10, failureThreshold: 3 },
}
const lived = (seconds: number, patch: Record<string, unknown> = {}) => ({
  ...crashed({ exitCode: 137, restarts: 4 }),
  lastState: { terminated: { reason: 'Error', exitCode: 137, startedAt: ago(60 + seconds), finishedAt: ago(60) } },
  ...patch,
})
const killed = (status: Record<string, unknown>) => [
  pod(`shop/${NAME}`, { owner: 'ReplicaSet/web-6c8f7d9b5', ready: false, containers: [{ spec, status }] }),
  event(
    'shop',
    `Pod/${NAME}`,
    'Unhealthy',
    'Liveness probe failed: Get "http://10.244.0.10:8080/healthz": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    { count: 12, first: 900 },
  ),
  event('shop', `Pod/${NAME}`, 'Killing', 'Container app failed liveness probe, will be restarted', {
    type: 'Normal',
    count: 4,
    first: 880,
  }),
]

describe('liveness-kills-healthy-app', () => {
  it('names the workload, the probe and what it met', async () => {
    const outcome = await evaluate(livenessKillsHealthyApp, { objects: killed(lived(400)) })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]?.says).toContain('timeout 1 s')
    expect(outcome.findings[0]?.says).toContain('does not come in time')
  })

  it('goes without the event of the kill, by the exit code', async () => {
    const outcome = await evaluate(livenessKillsHealthyApp, { objects: killed(lived(400)).slice(0, 2) })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    const own = killed(
      lived(400, {
        lastState: { terminated: { reason: 'Error', exitCode: 1, startedAt: ago(460), finishedAt: ago(60) } },
      }),
    )
    expect((await evaluate(livenessKillsHealthyApp, { objects: own.slice(0, 2) })).status).toBe('clear')
  })

  it('believes the probe where the application panicked before', async () => {
    const outcome = await evaluate(livenessKillsHealthyApp, {
      objects: killed(lived(400)),
      logs: { [`shop/${NAME}/app.previous`]: `${ago(70)} panic: sync: negative WaitGroup counter\n` },
    })
    expect(outcome).toMatchObject({ status: 'clear', rejections: [{ kind: 'rejected' }] })
  })

  it('leaves to the slow start what is killed at once, each time', async () => {
    const objects = killed(lived(35))
    expect((await evaluate(livenessKillsHealthyApp, { objects })).status).toBe('clear')
    const outcome = await evaluate(startupSlowerThanLiveness, { objects })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]?.says).toContain('there is no startup probe')
  })

  it('is quiet about a slow start that came up once, and about a pod that nobody killed', async () => {
    expect((await evaluate(startupSlowerThanLiveness, { objects: killed(lived(400)) })).status).toBe('clear')
    const calm = [pod(`shop/${NAME}`, { containers: [{ spec }] }), ...killed({}).slice(1, 2)]
    for (const rule of [livenessKillsHealthyApp, startupSlowerThanLiveness])
      expect((await evaluate(rule, { objects: calm })).status).toBe('clear')
  })

  it('takes a wrong path for a mistake of the probe, however soon it kills', async () => {
    const wrong = event(
      'shop',
      `Pod/${NAME}`,
      'Unhealthy',
      'Liveness probe failed: HTTP probe failed with statuscode: 404',
      { count: 12 },
    )
    const [sick, , killing] = killed(lived(35))
    const outcome = await evaluate(livenessKillsHealthyApp, { objects: [sick, wrong, killing] as never })
    expect(outcome.findings[0]?.says).toContain('not there')
  })

  it('is less sure where the kernel holds the container up for its CPU limit, and as sure where it did so once', async () => {
    const judge = async (held: readonly number[]) => {
      const files = cadvisor('node-1', throttled(NAME, [100, 400], held))
      return (await evaluate(livenessKillsHealthyApp, { objects: killed(lived(400)), files })).findings
    }
    expect(await judge([0, 200])).toMatchObject([
      { strength: 'weak', against: [{ says: expect.stringContaining('200 of 300 periods') }] },
    ])
    expect(await judge([90, 90])).toMatchObject([{ strength: 'strong', against: [] }])
  })
})
