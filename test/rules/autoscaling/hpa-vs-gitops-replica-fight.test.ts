import { describe, expect, it } from 'vitest'
import { hpaThrash } from '../../../src/rules/autoscaling/hpa-thrash.ts'
import { hpaVsGitopsReplicaFight } from '../../../src/rules/autoscaling/hpa-vs-gitops-replica-fight.ts'
import type { Thing } from '../../incident/scene.ts'
import { event, workload, wrote } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { scaler } from './scaler.ts'

const active = scaler({ type: 'ScalingActive', status: 'True', reason: 'ValidMetricFound' })
const managedFields = [
  wrote('argocd-controller', 300, { 'f:spec': { 'f:replicas': {} } }, 'Apply'),
  wrote('kube-controller-manager', 290, { 'f:spec': { 'f:replicas': {} } }, 'Update', 'scale'),
]
const web = (metadata: object) => workload('Deployment', 'shop/web', { metadata }, 10)
const scaled = (direction: string, from: number, to: number, last: number, set = 'web-6c8f7d9b5'): Thing =>
  event('shop', 'Deployment/web', 'ScalingReplicaSet', `Scaled ${direction} replica set ${set} from ${from} to ${to}`, {
    type: 'Normal',
    last,
    component: 'deployment-controller',
  })
const rescaled = (size: number, last: number): Thing =>
  event(
    'shop',
    'HorizontalPodAutoscaler/web',
    'SuccessfulRescale',
    `New size: ${size}; reason: cpu resource utilization (percentage of request) above target`,
    { type: 'Normal', last, component: 'horizontal-pod-autoscaler' },
  )
const dips = [
  scaled('down', 10, 2, 600),
  scaled('up', 2, 10, 580),
  scaled('down', 10, 2, 300),
  scaled('up', 2, 10, 280),
]

describe('hpa-vs-gitops-replica-fight', () => {
  it('is seen by numbers that the autoscaler never set', async () => {
    const outcome = await evaluate(hpaVsGitopsReplicaFight, {
      objects: [active, web({ managedFields }), ...dips, rescaled(10, 580), rescaled(10, 280)],
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.findings[0]?.says).toContain('argocd-controller')
  })

  it('is seen by the configuration that was applied last', async () => {
    const annotations = {
      'kubectl.kubernetes.io/last-applied-configuration': '{"kind":"Deployment","spec":{"replicas":2}}',
    }
    const outcome = await evaluate(hpaVsGitopsReplicaFight, {
      objects: [active, web({ annotations }), ...dips, rescaled(10, 580)],
    })
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
  })

  it('is only a risk while nothing swings', async () => {
    expect(
      (await evaluate(hpaVsGitopsReplicaFight, { objects: [active, web({ managedFields })] })).findings[0]?.kind,
    ).toBe('risk')
  })

  it('is not what the autoscaler does alone: that is hpa-thrash', async () => {
    const objects = [
      active,
      web({ managedFields }),
      ...dips,
      rescaled(2, 600),
      rescaled(10, 580),
      rescaled(2, 300),
      rescaled(10, 280),
    ]
    expect((await evaluate(hpaVsGitopsReplicaFight, { objects })).findings).toEqual([])
    expect(subjectsOf(await evaluate(hpaThrash, { objects }))).toEqual(['HorizontalPodAutoscaler shop/web'])
  })

  it('is no rollout, which grows one ReplicaSet and shrinks another', async () => {
    const rollout = [
      scaled('up', 0, 3, 600, 'web-7d4f8b9c6'),
      scaled('down', 10, 8, 590),
      scaled('up', 3, 6, 580, 'web-7d4f8b9c6'),
      scaled('down', 8, 4, 570),
      scaled('up', 6, 10, 560, 'web-7d4f8b9c6'),
      scaled('down', 4, 0, 550),
    ]
    const objects = [active, web({ managedFields }), ...rollout, rescaled(10, 3000)]
    expect((await evaluate(hpaVsGitopsReplicaFight, { objects })).findings.map(({ kind }) => kind)).toEqual(['risk'])
    expect((await evaluate(hpaThrash, { objects })).findings).toEqual([])
  })
})
