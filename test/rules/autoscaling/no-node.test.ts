import { describe, expect, it } from 'vitest'
import { awsQuotaExceeded } from '../../../src/rules/autoscaling/aws-quota-exceeded.ts'
import { caCannotScaleUp } from '../../../src/rules/autoscaling/ca-cannot-scale-up.ts'
import { capacityUnavailableIce } from '../../../src/rules/autoscaling/capacity-unavailable-ice.ts'
import { karpenterNoMatchingInstance } from '../../../src/rules/autoscaling/karpenter-no-matching-instance.ts'
import { karpenterNodepoolLimit } from '../../../src/rules/autoscaling/karpenter-nodepool-limit.ts'
import { event, node, pod, thing } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { waiting } from '../scheduling/waiting.ts'

const NAME = 'web-6c8f7d9b5-abcde'
const pending = [node('node-1'), waiting(`shop/${NAME}`, '0/1 nodes are available: 1 Insufficient cpu.')]
const running = [node('node-1'), pod(`shop/${NAME}`, { owner: 'ReplicaSet/web-6c8f7d9b5' })]
const byCa = (message: string) =>
  event('shop', `Pod/${NAME}`, 'NotTriggerScaleUp', message, { type: 'Normal', component: 'cluster-autoscaler' })
const byKarpenter = (message: string) =>
  event('shop', `Pod/${NAME}`, 'FailedScheduling', message, { component: 'karpenter' })
const onClaim = (reason: string, message: string, last = 60) =>
  event('', 'NodeClaim/general-x7k2p', reason, message, { component: 'karpenter', last })
const pool = thing('karpenter.sh/v1', 'NodePool', 'general', {
  spec: { limits: { cpu: '100' } },
  status: { resources: { cpu: '99' } },
})

describe('ca-cannot-scale-up', () => {
  it.each([
    "pod didn't trigger scale-up: 1 max node group size reached",
    "pod didn't trigger scale-up (it wouldn't fit if a new node is added): 1 max node group size reached, 2 node(s) didn't match Pod's node affinity/selector",
    "pod didn't trigger scale-up: 2 in backoff after failed scale-up",
  ])('says why no node comes: %s', async (message) => {
    const outcome = await evaluate(caCannotScaleUp, { objects: [...pending, byCa(message)] })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Pod', namespace: 'shop', name: NAME })
  })

  it('leaves it to scheduling where no group would ever fit the pod', async () => {
    const message =
      "pod didn't trigger scale-up (it wouldn't fit if a new node is added): 2 node(s) didn't match Pod's node affinity/selector, 1 Insufficient cpu"
    const outcome = await evaluate(caCannotScaleUp, { objects: [...pending, byCa(message)] })
    expect(outcome.findings).toEqual([])
    expect(outcome.rejections).toHaveLength(1)
  })

  it('is quiet when the pod runs by now', async () => {
    expect(
      (
        await evaluate(caCannotScaleUp, {
          objects: [...running, byCa("pod didn't trigger scale-up: 1 max node group size reached")],
        })
      ).findings,
    ).toEqual([])
  })
})

const LIMIT_OLD =
  'Failed to schedule pod, incompatible with nodepool "gpu", daemonset overhead={"cpu":"150m","pods":"3"}, did not tolerate gpu=true:NoSchedule; all available instance types exceed limits for nodepool: "general"'
const LIMIT_NEW =
  'Failed to schedule pod, incompatible with nodepool, daemonset overhead={"cpu":"150m"}, did not tolerate taint (taint=gpu=true:NoSchedule, NodePool=gpu); all available instance types exceed limits for nodepool (NodePool=general)'

describe('karpenter-nodepool-limit', () => {
  it.each([LIMIT_OLD, LIMIT_NEW])('names the NodePool: %s', async (message) => {
    const outcome = await evaluate(karpenterNodepoolLimit, { objects: [...pending, pool, byKarpenter(message)] })
    expect(subjectsOf(outcome)).toEqual(['NodePool general'])
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Deployment', namespace: 'shop', name: 'web' })
  })
})

const UNFIT =
  'Failed to schedule pod, incompatible with nodepool "general", daemonset overhead={"cpu":"150m","pods":"3"}, incompatible requirements, key kubernetes.io/arch, kubernetes.io/arch In [arm64] not in kubernetes.io/arch In [amd64]'
const NO_OFFERING =
  'Failed to schedule pod, incompatible with nodepool "general", daemonset overhead={"cpu":"150m","pods":"3"}, no instance type which met the scheduling requirements and had enough resources, had a required offering'

describe('karpenter-no-matching-instance', () => {
  it('says what does not fit', async () => {
    const outcome = await evaluate(karpenterNoMatchingInstance, { objects: [...pending, byKarpenter(UNFIT)] })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]?.says).toContain('kubernetes.io/arch')
  })

  it('is quiet when a pool that fits is at its limits, or the cloud has none of the machines', async () => {
    for (const message of [LIMIT_OLD, LIMIT_NEW])
      expect(
        (await evaluate(karpenterNoMatchingInstance, { objects: [...pending, pool, byKarpenter(message)] })).findings,
      ).toEqual([])
    const empty = onClaim(
      'InsufficientCapacityError',
      'NodeClaim general-x7k2p event: creating instance, insufficient capacity, with fleet error(s), InsufficientInstanceCapacity',
    )
    const outcome = await evaluate(karpenterNoMatchingInstance, {
      objects: [...pending, pool, empty, byKarpenter(NO_OFFERING)],
    })
    expect(outcome.findings).toEqual([])
  })
})

describe('capacity-unavailable-ice', () => {
  const ice = onClaim(
    'InsufficientCapacityError',
    'NodeClaim general-x7k2p event: creating instance, insufficient capacity, with fleet error(s), InsufficientInstanceCapacity: We currently do not have sufficient m5.large capacity',
  )

  it('names the NodePool of a NodeClaim that is gone', async () => {
    const outcome = await evaluate(capacityUnavailableIce, { objects: [...pending, pool, ice] })
    expect(subjectsOf(outcome)).toEqual(['NodePool general'])
  })

  it('reads it in the log of the autoscaler', async () => {
    const line =
      '2026-02-01T11:59:00.000000000Z W0201 11:59:00.000000 1 auto_scaling_groups.go:453] Failed to increase node group size by 1: InsufficientInstanceCapacity'
    const outcome = await evaluate(capacityUnavailableIce, {
      objects: [
        ...pending,
        pod('kube-system/cluster-autoscaler-7d4f8b9c6-aaaaa', { owner: 'ReplicaSet/cluster-autoscaler-7d4f8b9c6' }),
      ],
      logs: { 'kube-system/cluster-autoscaler-7d4f8b9c6-aaaaa/app': `${line}\n` },
    })
    expect(subjectsOf(outcome)).toEqual(['Cluster cluster'])
  })

  it('is quiet about pods that began to wait long after the cloud had none', async () => {
    const reason = 'InsufficientCapacityError'
    const message = 'NodeClaim general-x7k2p event: creating instance, insufficient capacity'
    const fired = async (last: number) =>
      (await evaluate(capacityUnavailableIce, { objects: [...pending, pool, onClaim(reason, message, last)] })).findings
    expect(await fired(1500)).toHaveLength(1)
    expect(await fired(3000)).toEqual([])
  })

  it('is quiet when other machines were found', async () => {
    expect((await evaluate(capacityUnavailableIce, { objects: [...running, pool, ice] })).findings).toEqual([])
  })
})

describe('aws-quota-exceeded', () => {
  const refused = onClaim(
    'LaunchFailed',
    'creating instance, VcpuLimitExceeded: You have requested more vCPU capacity than your current vCPU limit of 32 allows',
  )

  it('explains pods without a node', async () => {
    expect(subjectsOf(await evaluate(awsQuotaExceeded, { objects: [...pending, pool, refused] }))).toEqual([
      'NodePool general',
    ])
    expect((await evaluate(awsQuotaExceeded, { objects: [...running, pool, refused] })).findings).toEqual([])
  })

  it('explains a Service without a load balancer, whatever pods do', async () => {
    const service = event(
      'shop',
      'Service/web',
      'FailedDeployModel',
      'Failed deploy model due to TooManyLoadBalancers: The maximum number of load balancers has been reached',
      { component: 'service' },
    )
    expect(subjectsOf(await evaluate(awsQuotaExceeded, { objects: [...running, service] }))).toEqual([
      'Service shop/web',
    ])
  })

  it('is quiet about what an application is refused', async () => {
    const line = '2026-02-01T11:59:00.000000000Z ERROR dynamodb: LimitExceededException: too many tables'
    const outcome = await evaluate(awsQuotaExceeded, {
      objects: [...pending, pod('shop/api-7d4f8b9c6-aaaaa', { owner: 'ReplicaSet/api-7d4f8b9c6' })],
      logs: { 'shop/api-7d4f8b9c6-aaaaa/app': `${line}\n` },
    })
    expect(outcome.findings).toEqual([])
  })
})
