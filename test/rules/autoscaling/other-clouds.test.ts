import { describe, expect, it } from 'vitest'
import { awsQuotaExceeded } from '../../../src/rules/autoscaling/aws-quota-exceeded.ts'
import { caCannotScaleUp } from '../../../src/rules/autoscaling/ca-cannot-scale-up.ts'
import { capacityUnavailableIce } from '../../../src/rules/autoscaling/capacity-unavailable-ice.ts'
import { ago } from '../../incident/scene.ts'
import { event, thing } from '../../incident/things.ts'
import { evaluate } from '../check.ts'
import { waiting } from '../scheduling/waiting.ts'

const NAME = 'web-6b7c8d9f5-aaaaa'
const failed = (cause: string, last = 60) =>
  event(
    'shop',
    `Pod/${NAME}`,
    'FailedScaleUp',
    `Node scale up in zones zone-a associated with this pod failed: ${cause}. Pod is at risk of not being scheduled.`,
    {
      component: 'cluster-autoscaler',
      first: Math.max(600, last),
      last,
    },
  )
const pending = waiting(`shop/${NAME}`, '0/2 nodes are available: 2 Insufficient cpu.')

describe('a scale-up that GKE refuses', () => {
  it.each([
    ['GCE quota exceeded', awsQuotaExceeded],
    ['GCE out of resources', capacityUnavailableIce],
    ['Internal error', caCannotScaleUp],
    ['IP space exhausted', caCannotScaleUp],
  ])('is told for what it is: %s', async (cause, rule) => {
    const { findings } = await evaluate(rule, { objects: [pending, failed(cause)] })
    expect(findings).toMatchObject([{ kind: 'cause' }])
    expect(findings[0]?.says).toContain(cause)
  })

  it('is no quota where the zone is empty, and over where the pod has a node or it was long ago', async () => {
    expect((await evaluate(awsQuotaExceeded, { objects: [pending, failed('GCE out of resources')] })).findings).toEqual(
      [],
    )
    expect((await evaluate(awsQuotaExceeded, { objects: [failed('GCE quota exceeded')] })).findings).toEqual([])
    expect(
      (await evaluate(awsQuotaExceeded, { objects: [pending, failed('GCE quota exceeded', 9000)] })).findings,
    ).toEqual([])
  })
})

it('explains the NodeClaim that says so of itself', async () => {
  const condition = {
    type: 'Launched',
    status: 'False',
    reason: 'InsufficientCapacityError',
    message: 'creating instance, insufficient capacity',
    lastTransitionTime: ago(300),
  }
  const claim = thing('karpenter.sh/v1', 'NodeClaim', 'pool-x1y2z', {
    metadata: { labels: { 'karpenter.sh/nodepool': 'pool' } },
    status: { conditions: [condition] },
  })
  const objects = [pending, claim, thing('karpenter.sh/v1', 'NodePool', 'pool')]
  const { findings } = await evaluate(capacityUnavailableIce, { objects })
  expect(findings[0]?.affects).toContainEqual({ kind: 'NodeClaim', name: 'pool-x1y2z' })
  expect(capacityUnavailableIce.explains).toContain('unhealthy-condition')
})
