import { describe, expect, it } from 'vitest'
import { hpaMaxed } from '../../../src/rules/autoscaling/hpa-maxed.ts'
import { blockedAutoscalers } from '../../../src/rules/generic/blocked-autoscalers.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, event, pod, replicaSet, service, workload } from '../../incident/things.ts'
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
const queue = (averageValue: string) =>
  scaler(limited, {
    spec: {
      maxReplicas: 10,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      metrics: [
        {
          type: 'External',
          external: { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '30' } },
        },
      ],
    },
    status: {
      conditions: [{ ...limited, message: 'the desired replica count is more than the maximum replica count' }],
      currentMetrics: [{ type: 'External', external: { metric: { name: 'queue' }, current: { averageValue } } }],
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
  const kindOf = async (scene: Partial<Parameters<typeof evaluate>[1]>) =>
    (await evaluate(hpaMaxed, { ...scene, objects: [...web, ...(scene.objects ?? [])] })).findings[0]?.kind

  it('is a risk while nobody suffers, however busy the pods are, and a mechanism where some are not well', async () => {
    expect(await kindOf({ objects: [at(140), well] })).toBe('risk')
    expect(await kindOf({ objects: [at(80), well] })).toBe('risk')
    expect(await kindOf({ objects: [at(140), well, sick] })).toBe('mechanism')
  })

  it('is a cause where its probes are answered too late, where callers time out, where its queue grows', async () => {
    const late = 'Readiness probe failed: Get "http://10.244.0.10:80/": context deadline exceeded'
    const slow = event('shop', 'Pod/web-6c8f7d9b5-abcde', 'Unhealthy', late, { count: 8, first: 300, last: 20 })
    expect(await kindOf({ objects: [at(140), well, slow] })).toBe('cause')
    const front = pod('shop/front-5d8f7d9b5-abcde', { owner: 'ReplicaSet/front-5d8f7d9b5' })
    const behind = [
      pod('shop/web-6c8f7d9b5-abcde', { owner: 'ReplicaSet/web-6c8f7d9b5', labels: { app: 'web' } }),
      service('shop/web'),
    ]
    const logs = {
      'shop/front-5d8f7d9b5-abcde/app':
        `${ago(30)} ERROR Get "http://web.shop:80/": context deadline exceeded\n`.repeat(20),
    }
    expect(await kindOf({ objects: [at(140), ...behind, front], logs })).toBe('cause')
    expect(await kindOf({ objects: [queue('900'), well] })).toBe('cause')
    expect(await kindOf({ objects: [queue('30'), well] })).toBe('risk')
  })

  it('is no symptom either while nobody suffers', async () => {
    expect((await evaluate(blockedAutoscalers, { objects: [...web, at(140), well] })).findings).toEqual([])
    expect((await evaluate(blockedAutoscalers, { objects: [...web, at(140), well, sick] })).findings).toHaveLength(1)
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
