import { describe, expect, it } from 'vitest'
import { lbControllerBroken } from '../../../src/rules/network/lb-controller-broken.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, event, pod, service, thing, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { gated } from './target-health.ts'

const SUBNETS =
  "Failed build model due to couldn't auto-discover subnets: unable to resolve at least one subnet (0 match VPC and tags: [kubernetes.io/role/elb])"
const failed = (message: string, last = 60, count = 1) =>
  event('shop', 'Ingress/web', 'FailedBuildModel', message, { last, count, first: last + 600, component: 'ingress' })
const done = (reason: string, about: string) => event('shop', about, reason, 'done', { type: 'Normal', last: 30 })
const of = (...objects: Parameters<typeof evaluate>[1]['objects']) => evaluate(lbControllerBroken, { objects })

describe('lb-controller-broken', () => {
  it('repeats what the controller says of an ingress', async () => {
    const outcome = await of(failed(SUBNETS))
    expect(subjectsOf(outcome)).toEqual(['Ingress shop/web'])
    expect([outcome.findings[0]?.strength, outcome.findings[0]?.says]).toEqual([
      'proof',
      expect.stringContaining('subnet'),
    ])
  })

  it('repeats what the controllers of other clouds say of a service', async () => {
    const said = event('shop', 'Service/web', 'SyncLoadBalancerFailed', 'Error syncing load balancer: quota exceeded', {
      component: 'service-controller',
    })
    expect(subjectsOf(await of(said, service('shop/web')))).toEqual(['Service shop/web'])
    expect((await of(said, done('EnsuredLoadBalancer', 'Service/web'))).status).toBe('clear')
  })

  it('names the Service behind a binding, and its pods that wait to be registered', async () => {
    const said = event('shop', 'TargetGroupBinding/k8s-web', 'FailedReconcile', 'AccessDenied: elasticloadbalancing')
    const binding = thing('elbv2.k8s.aws/v1beta1', 'TargetGroupBinding', 'shop/k8s-web', {
      spec: { serviceRef: { name: 'web' } },
    })
    const outcome = await of(said, binding, service('shop/web'), gated(900, 'Target.NotRegistered'))
    expect(outcome.findings[0]?.affects?.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'Pod web-1',
      'Service web',
    ])
  })

  it('is over when the controller said so later, or has been silent for long', async () => {
    expect((await of(failed(SUBNETS), done('SuccessfullyReconciled', 'Ingress/web'))).status).toBe('clear')
    expect((await of(failed(SUBNETS, 3000))).rejections[0]?.says).toContain('to the wanted state since')
  })

  it('gives the controller another try where the API server or the cloud was busy', async () => {
    const busy = 'Failed deploy model due to Throttling: Rate exceeded'
    expect((await of(failed(busy))).rejections).toHaveLength(1)
    expect((await of(failed(busy, 60, 12))).findings[0]?.strength).toBe('weak')
  })

  it('knows who waits while the controller itself is down', async () => {
    const name = 'kube-system/aws-load-balancer-controller'
    const down = pod(`${name}-5d8c7f9b6-1`, {
      owner: 'ReplicaSet/aws-load-balancer-controller-5d8c7f9b6',
      ready: false,
      containers: [{ status: crashed() }],
    })
    const outcome = await of(workload('Deployment', name), down, gated(900), service('shop/web'))
    expect(outcome.findings.map(({ kind }) => kind)).toEqual(['mechanism'])
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Service', namespace: 'shop', name: 'web' })
    expect((await of(workload('Deployment', name), down, pod('shop/web-1'))).status).toBe('clear')
  })

  const balanced = (status: object, seconds = 3000) =>
    service('shop/web', {
      metadata: { creationTimestamp: ago(seconds) },
      spec: { type: 'LoadBalancer' },
      status: { loadBalancer: status },
    })

  it('repeats why MetalLB has no address, until it has one', async () => {
    const words = 'Failed to allocate IP for "shop/web": no available IPs'
    const said = event('shop', 'Service/web', 'AllocationFailed', words, { component: 'metallb-controller' })
    expect((await of(said, balanced({}))).findings).toMatchObject([{ kind: 'cause', subject: { name: 'web' } }])
    expect((await of(said, balanced({ ingress: [{ ip: '10.0.0.9' }] }))).findings).toEqual([])
  })

  it('takes a Service that nobody answers for a risk', async () => {
    expect((await of(balanced({}))).findings).toMatchObject([{ kind: 'risk', strength: 'weak' }])
    expect((await of(balanced({}, 60))).findings).toEqual([])
    expect((await of(balanced({ ingress: [{ ip: '10.0.0.9' }] }))).findings).toEqual([])
  })

  it('leaves what is said of other kinds to their rules', async () => {
    const said = event('shop', 'Certificate/web', 'FailedBuildModel', SUBNETS, { component: 'ingress' })
    expect(await of(said)).toMatchObject({ findings: [], rejections: [] })
  })
})
