import { describe, expect, it } from 'vitest'
import { hpaMaxed } from '../../../src/rules/autoscaling/hpa-maxed.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, pod, replicaSet, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { waiting } from '../scheduling/waiting.ts'
import { scaler } from './scaler.ts'

const limited = { type: 'ScalingLimited', status: 'True', reason: 'TooManyReplicas' }
const at = (averageUtilization: number) =>
  scaler(limited, {
    status: {
      currentReplicas: 10,
      conditions: [
        {
          ...limited,
          message: 'the desired replica count is more than the maximum replica count',
          lastTransitionTime: ago(600),
        },
      ],
      currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization } } }],
    },
  })
const web = [workload('Deployment', 'shop/web', {}, 10), replicaSet('shop/web-6c8f7d9b5', 'web', 1)]
const well = pod('shop/web-6c8f7d9b5-abcde', { owner: 'ReplicaSet/web-6c8f7d9b5' })
const sick = pod('shop/web-6c8f7d9b5-fghij', {
  owner: 'ReplicaSet/web-6c8f7d9b5',
  ready: false,
  containers: [{ status: crashed() }],
})

describe('hpa-maxed', () => {
  it('is a cause with load above its target, a mechanism where pods suffer, and a risk otherwise', async () => {
    const kindOf = async (...objects: Parameters<typeof evaluate>[1]['objects'][number][]) =>
      (await evaluate(hpaMaxed, { objects: [...web, ...objects] })).findings[0]?.kind
    expect(await kindOf(at(140), well)).toBe('cause')
    expect(await kindOf(at(140), well, sick)).toBe('mechanism')
    expect(await kindOf(at(80), well)).toBe('risk')
  })

  it('says how far above', async () => {
    const outcome = await evaluate(hpaMaxed, { objects: [...web, well, at(140)] })
    expect(subjectsOf(outcome)).toEqual(['HorizontalPodAutoscaler shop/web'])
    expect(outcome.findings[0]?.says).toContain('175 % of the target')
  })

  it('leaves it to scheduling where replicas have no node', async () => {
    const pending = waiting('shop/web-6c8f7d9b5-zzzzz', '0/1 nodes are available: 1 Insufficient cpu.')
    expect((await evaluate(hpaMaxed, { objects: [...web, well, at(140), pending] })).findings).toEqual([])
  })
})
