import { describe, expect, it } from 'vitest'
import { hpaThrash } from '../../../src/rules/autoscaling/hpa-thrash.ts'
import { hpaVsGitopsReplicaFight } from '../../../src/rules/autoscaling/hpa-vs-gitops-replica-fight.ts'
import type { Thing } from '../../incident/scene.ts'
import { event, thing, workload, wrote } from '../../incident/things.ts'
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
const BELOW = 'All metrics below target'
const rescaled = (
  size: number,
  last: number,
  reason = 'cpu resource utilization (percentage of request) above target',
): Thing =>
  event('shop', 'HorizontalPodAutoscaler/web', 'SuccessfulRescale', `New size: ${size}; reason: ${reason}`, {
    type: 'Normal',
    last,
    component: 'horizontal-pod-autoscaler',
  })
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

  it('is no thrash: the autoscaler itself only ever adds', async () => {
    const objects = [active, web({ managedFields }), ...dips, rescaled(10, 580), rescaled(10, 280)]
    expect((await evaluate(hpaThrash, { objects })).findings).toEqual([])
  })

  it('is seen where the autoscaler set the same number at another time', async () => {
    const objects = [active, web({ managedFields }), ...dips, rescaled(2, 3500, BELOW), rescaled(10, 580)]
    expect((await evaluate(hpaVsGitopsReplicaFight, { objects })).findings[0]?.kind).toBe('cause')
  })

  it('is seen in events that repeat, and names who applied the manifest', async () => {
    const applied = 'kubectl.kubernetes.io/last-applied-configuration'
    const metadata = {
      annotations: { [applied]: '{"kind":"Deployment","spec":{"replicas":2}}' },
      managedFields: [wrote('argocd-controller', 300, { 'f:metadata': { 'f:annotations': { [`f:${applied}`]: {} } } })],
    }
    const repeated = event(
      'shop',
      'Deployment/web',
      'ScalingReplicaSet',
      'Scaled down replica set web-1 from 10 to 2',
      {
        type: 'Normal',
        count: 4,
        first: 700,
        last: 100,
      },
    )
    const outcome = await evaluate(hpaVsGitopsReplicaFight, { objects: [active, web(metadata), repeated] })
    expect(outcome.findings[0]?.says).toMatch(/turned 6 times .* of argocd-controller, holds 2 replicas/)
  })

  it('is seen of an Argo Rollout', async () => {
    const target = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'web' }
    const resized = dips.map((one) => {
      const message = String(one.message).replace(/replica set (\S+)/, 'ReplicaSet $1 (revision 3)')
      return { ...one, message, involvedObject: { kind: 'Rollout', namespace: 'shop', name: 'web' } }
    })
    const outcome = await evaluate(hpaVsGitopsReplicaFight, {
      objects: [
        scaler(
          { type: 'ScalingActive', status: 'True', reason: 'ValidMetricFound' },
          { spec: { scaleTargetRef: target } },
        ),
        thing('argoproj.io/v1alpha1', 'Rollout', 'shop/web', { metadata: { managedFields }, spec: { replicas: 10 } }),
        ...resized,
      ],
    })
    expect(subjectsOf(outcome)).toEqual(['Rollout shop/web'])
    expect(outcome.findings[0]?.kind).toBe('cause')
  })

  it('is not somebody who scales by hand', async () => {
    const byHand = [wrote('kubectl', 280, { 'f:spec': { 'f:replicas': {} } }, 'Update', 'scale')]
    const objects = [active, web({ managedFields: byHand }), ...dips, rescaled(10, 580)]
    expect((await evaluate(hpaVsGitopsReplicaFight, { objects })).findings).toEqual([])
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
      rescaled(2, 600, BELOW),
      rescaled(10, 580),
      rescaled(2, 300, BELOW),
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

  it('is no rollout that is taken back and made again', async () => {
    const [old, fresh] = ['web-6c8f7d9b5', 'web-7d4f8b9c6']
    const turn = (last: number, grows: string, shrinks: string) => [
      scaled('up', 0, 10, last, grows),
      scaled('down', 10, 0, last - 20, shrinks),
    ]
    const rollouts = [...turn(2400, fresh, old), ...turn(1600, old, fresh), ...turn(800, fresh, old)]
    const objects = [active, web({ managedFields }), ...rollouts]
    expect((await evaluate(hpaVsGitopsReplicaFight, { objects })).findings.map(({ kind }) => kind)).toEqual(['risk'])
  })

  it('leaves a StatefulSet that swings to hpa-thrash', async () => {
    const ofSet = scaler(
      { type: 'ScalingActive', status: 'True', reason: 'ValidMetricFound' },
      { spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web' } } },
    )
    const turns = [rescaled(2, 840, BELOW), rescaled(10, 600), rescaled(2, 500, BELOW), rescaled(10, 200)]
    const objects = [ofSet, workload('StatefulSet', 'shop/web', {}, 10), ...turns]
    expect(subjectsOf(await evaluate(hpaThrash, { objects }))).toEqual(['HorizontalPodAutoscaler shop/web'])
    expect((await evaluate(hpaThrash, { objects: objects.slice(0, 4) })).findings).toEqual([])
  })
})
