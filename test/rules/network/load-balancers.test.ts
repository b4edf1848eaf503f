import { describe, expect, it } from 'vitest'
import { albNlbTargetsUnhealthy } from '../../../src/rules/network/alb-nlb-targets-unhealthy.ts'
import { lbControllerBroken } from '../../../src/rules/network/lb-controller-broken.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { event, pod, service } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const failed = (last: number): Thing =>
  event(
    'shop',
    'Ingress/web',
    'FailedBuildModel',
    "Failed build model due to couldn't auto-discover subnets: unable to resolve at least one subnet (0 match VPC and tags: [kubernetes.io/role/elb])",
    { last, component: 'ingress' },
  )
const reconciled = event('shop', 'Ingress/web', 'SuccessfullyReconciled', 'Successfully reconciled', {
  type: 'Normal',
  last: 30,
})

describe('lb-controller-broken', () => {
  it('repeats what the controller says of an ingress', async () => {
    const outcome = await evaluate(lbControllerBroken, { objects: [failed(60)] })
    expect(subjectsOf(outcome)).toEqual(['Ingress shop/web'])
    expect(outcome.findings[0]?.says).toContain('subnet')
  })

  it('is over when the controller said so later, or has been silent for long', async () => {
    expect((await evaluate(lbControllerBroken, { objects: [failed(60), reconciled] })).status).toBe('clear')
    expect((await evaluate(lbControllerBroken, { objects: [failed(3000)] })).status).toBe('clear')
  })
})

const gated = (ready: number, containers = 'True'): Thing =>
  pod('shop/web-1', {
    labels: { app: 'web' },
    ready: false,
    status: {
      conditions: [
        { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', lastTransitionTime: ago(ready) },
        { type: 'ContainersReady', status: containers, lastTransitionTime: ago(ready) },
        {
          type: 'target-health.elbv2.k8s.aws/k8s-shop-web-1a2b3c',
          status: 'False',
          reason: 'Target.FailedHealthChecks',
          message: 'Health checks failed with these codes: [404]',
          lastTransitionTime: ago(ready),
        },
      ],
    },
  })

describe('alb-nlb-targets-unhealthy', () => {
  it('sees ready containers that the load balancer finds unhealthy', async () => {
    const outcome = await evaluate(albNlbTargetsUnhealthy, { objects: [gated(900), service('shop/web')] })
    expect(subjectsOf(outcome)).toEqual(['Service shop/web'])
    expect(outcome.findings[0]?.says).toContain('Target.FailedHealthChecks')
  })

  it('waits for a registration, and leaves pods that are not ready themselves to others', async () => {
    expect((await evaluate(albNlbTargetsUnhealthy, { objects: [gated(60), service('shop/web')] })).status).toBe('clear')
    expect(
      (await evaluate(albNlbTargetsUnhealthy, { objects: [gated(900, 'False'), service('shop/web')] })).status,
    ).toBe('clear')
  })
})
