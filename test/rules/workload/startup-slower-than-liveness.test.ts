import { describe, expect, it } from 'vitest'
import { startupSlowerThanLiveness } from '../../../src/rules/workload/startup-slower-than-liveness.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, event, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const NAME = 'web-6c8f7d9b5-abcde'
const startupProbe = { httpGet: { path: '/', port: 8080 }, periodSeconds: 5, failureThreshold: 6 }
const status = {
  ...crashed({ exitCode: 143 }),
  lastState: { terminated: { reason: 'Error', exitCode: 143, startedAt: ago(92), finishedAt: ago(60) } },
}
const kill = event('shop', `Pod/${NAME}`, 'Killing', 'Container app failed startup probe, will be restarted', {
  type: 'Normal',
})
const sick = pod(`shop/${NAME}`, {
  owner: 'ReplicaSet/web-6c8f7d9b5',
  ready: false,
  containers: [{ spec: { startupProbe }, status }],
})

describe('startup-slower-than-liveness', () => {
  it('reads a startup probe that is not patient enough', async () => {
    const outcome = await evaluate(startupSlowerThanLiveness, { objects: [sick, kill] })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]?.says).toContain('its startup probe waits 26 s')
  })

  it('is quiet where the pod was ready once', async () => {
    const probed = { startupProbe, readinessProbe: { httpGet: { path: '/', port: 8080 } } }
    const since = (seconds: number) => ({
      conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: ago(seconds) }],
    })
    const one = (seconds: number) =>
      pod(`shop/${NAME}`, {
        owner: 'ReplicaSet/web-6c8f7d9b5',
        ready: false,
        containers: [{ spec: probed, status }],
        status: since(seconds),
      })
    expect((await evaluate(startupSlowerThanLiveness, { objects: [one(3600), kill] })).status).toBe('fired')
    expect((await evaluate(startupSlowerThanLiveness, { objects: [one(600), kill] })).status).toBe('clear')
  })

  it('is quiet where the same template runs elsewhere', async () => {
    const sibling = pod('shop/web-6c8f7d9b5-fghij', { owner: 'ReplicaSet/web-6c8f7d9b5' })
    expect((await evaluate(startupSlowerThanLiveness, { objects: [sick, sibling, kill] })).status).toBe('clear')
  })
})
