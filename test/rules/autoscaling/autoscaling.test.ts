import { describe, expect, it } from 'vitest'
import { awsQuotaExceeded } from '../../../src/rules/autoscaling/aws-quota-exceeded.ts'
import { caAggressiveScaleDown } from '../../../src/rules/autoscaling/ca-aggressive-scale-down.ts'
import { caCannotScaleUp } from '../../../src/rules/autoscaling/ca-cannot-scale-up.ts'
import { caOrKarpenterThrash } from '../../../src/rules/autoscaling/ca-or-karpenter-thrash.ts'
import { capacityUnavailableIce } from '../../../src/rules/autoscaling/capacity-unavailable-ice.ts'
import { hpaMaxed } from '../../../src/rules/autoscaling/hpa-maxed.ts'
import { hpaMetricsUnknown } from '../../../src/rules/autoscaling/hpa-metrics-unknown.ts'
import { hpaThrash } from '../../../src/rules/autoscaling/hpa-thrash.ts'
import { hpaVsGitopsReplicaFight } from '../../../src/rules/autoscaling/hpa-vs-gitops-replica-fight.ts'
import { karpenterDisruptionBlocked } from '../../../src/rules/autoscaling/karpenter-disruption-blocked.ts'
import { karpenterNoMatchingInstance } from '../../../src/rules/autoscaling/karpenter-no-matching-instance.ts'
import { karpenterNodeNotInitialized } from '../../../src/rules/autoscaling/karpenter-node-not-initialized.ts'
import { karpenterNodepoolLimit } from '../../../src/rules/autoscaling/karpenter-nodepool-limit.ts'
import type { Rule } from '../../../src/rules/rule.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { event, node, pod, thing, workload, wrote } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const waiting = pod('shop/web-6b7c8d9f5-aaaaa', {
  owner: 'ReplicaSet/web-6b7c8d9f5',
  created: 600,
  ready: false,
  spec: { nodeName: undefined },
  status: {
    phase: 'Pending',
    containerStatuses: undefined,
    conditions: [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message: '0/1 nodes are available: 1 Insufficient cpu.',
        lastTransitionTime: ago(590),
      },
    ],
  },
})
const placed = pod('shop/web-6b7c8d9f5-aaaaa', { owner: 'ReplicaSet/web-6b7c8d9f5' })
const about = 'Pod/web-6b7c8d9f5-aaaaa'

const cases: readonly (readonly [Rule, Thing, string])[] = [
  [
    caCannotScaleUp,
    event(
      'shop',
      about,
      'NotTriggerScaleUp',
      "pod didn't trigger scale-up: 1 max node group size reached, 2 node(s) didn't match Pod's node affinity/selector",
      { component: 'cluster-autoscaler' },
    ),
    'Deployment shop/web',
  ],
  [
    karpenterNodepoolLimit,
    event(
      'shop',
      about,
      'FailedScheduling',
      'Failed to schedule pod, all available instance types exceed limits for nodepool: "default"',
      { component: 'karpenter' },
    ),
    'NodePool default',
  ],
  [
    karpenterNoMatchingInstance,
    event(
      'shop',
      about,
      'FailedScheduling',
      'Failed to schedule pod, incompatible with nodepool "default", daemonset overhead={"cpu":"150m"}, no instance type met the scheduling requirements or had enough resources or had a required offering',
      { component: 'karpenter' },
    ),
    'Deployment shop/web',
  ],
  [
    capacityUnavailableIce,
    event(
      '',
      'NodeClaim/default-x1',
      'InsufficientCapacityError',
      'NodeClaim default-x1 event: creating instance, insufficient capacity, with fleet error(s), InsufficientInstanceCapacity: We currently do not have sufficient m7i.large capacity in the Availability Zone you requested',
      { component: 'karpenter' },
    ),
    'NodeClaim default-x1',
  ],
  [
    awsQuotaExceeded,
    event(
      '',
      'NodeClaim/default-x1',
      'LaunchFailed',
      'creating instance, with fleet error(s), VcpuLimitExceeded: You have requested more vCPU capacity than your current vCPU limit of 64 allows',
      { component: 'karpenter' },
    ),
    'NodeClaim default-x1',
  ],
]

describe.each(cases)('$0.id', (rule, said, subject) => {
  it('says why no node comes for what waits', async () => {
    const outcome = await evaluate(rule, { objects: [node('node-1'), waiting, said] })
    expect(subjectsOf(outcome)).toEqual([subject])
    expect(outcome.findings[0]?.affects?.map(({ name }) => name)).toContain('web')
  })

  it('is quiet where nothing waits any more', async () => {
    expect((await evaluate(rule, { objects: [node('node-1'), placed, said] })).findings).toEqual([])
  })
})

function scaler(conditions: readonly unknown[], spec: Record<string, unknown> = {}): Thing {
  return thing('autoscaling/v2', 'HorizontalPodAutoscaler', 'shop/web', {
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 2,
      maxReplicas: 10,
      ...spec,
    },
    status: { currentReplicas: 2, conditions },
  })
}

describe('hpa-metrics-unknown', () => {
  const inactive = (reason: string, message: string, since = 900) =>
    scaler([{ type: 'ScalingActive', status: 'False', reason, message, lastTransitionTime: ago(since) }])

  it('is proven by a container without a request', async () => {
    const outcome = await evaluate(hpaMetricsUnknown, {
      objects: [
        inactive(
          'FailedGetResourceMetric',
          'the HPA was unable to compute the replica count: failed to get cpu utilization: missing request for cpu in container proxy of Pod web-6b7c8d9f5-aaaaa',
        ),
      ],
    })
    expect(outcome.findings[0]).toMatchObject({
      strength: 'proof',
      subject: { kind: 'HorizontalPodAutoscaler', name: 'web' },
    })
  })

  it('is quiet about one that is switched off, or that just began', async () => {
    expect(
      (
        await evaluate(hpaMetricsUnknown, {
          objects: [inactive('ScalingDisabled', 'scaling is disabled since the replica count of the target is zero')],
        })
      ).status,
    ).toBe('clear')
    expect(
      (
        await evaluate(hpaMetricsUnknown, {
          objects: [inactive('FailedGetResourceMetric', 'no metrics returned from resource metrics API', 30)],
        })
      ).status,
    ).toBe('clear')
  })
})

describe('hpa-maxed', () => {
  const maxed = scaler([
    {
      type: 'ScalingLimited',
      status: 'True',
      reason: 'TooManyReplicas',
      message: 'the desired replica count is more than the maximum replica count',
      lastTransitionTime: ago(900),
    },
  ])

  it('is a risk where the workload is well, and a mechanism where it is not', async () => {
    expect(
      (await evaluate(hpaMaxed, { objects: [maxed, workload('Deployment', 'shop/web'), placed] })).findings[0]?.kind,
    ).toBe('risk')
    const ill = pod('shop/web-6b7c8d9f5-aaaaa', { owner: 'ReplicaSet/web-6b7c8d9f5', ready: false })
    expect(
      (await evaluate(hpaMaxed, { objects: [maxed, workload('Deployment', 'shop/web'), ill] })).findings[0]?.kind,
    ).toBe('mechanism')
  })

  it('is quiet at the minimum', async () => {
    const idle = scaler([
      { type: 'ScalingLimited', status: 'True', reason: 'TooFewReplicas', message: 'x', lastTransitionTime: ago(900) },
    ])
    expect((await evaluate(hpaMaxed, { objects: [idle] })).status).toBe('clear')
  })
})

const scaled = (seconds: number, text: string) =>
  event('shop', 'Deployment/web', 'ScalingReplicaSet', text, {
    type: 'Normal',
    last: seconds,
    component: 'deployment-controller',
  })
const swings = [
  scaled(900, 'Scaled down replica set web-6b7c8d9f5 from 8 to 2'),
  scaled(880, 'Scaled up replica set web-6b7c8d9f5 from 2 to 8'),
  scaled(300, 'Scaled down replica set web-6b7c8d9f5 from 8 to 2'),
  scaled(280, 'Scaled up replica set web-6b7c8d9f5 from 2 to 8'),
]
const resized = (last: number, size: number, reason: string) =>
  event('shop', 'HorizontalPodAutoscaler/web', 'SuccessfulRescale', `New size: ${size}; reason: ${reason}`, {
    type: 'Normal',
    last,
  })
const ABOVE = 'cpu resource utilization (percentage of request) above target'
const BELOW = 'All metrics below target'
const rescaled = resized(280, 8, ABOVE)
const applied = workload('Deployment', 'shop/web', {
  metadata: {
    managedFields: [wrote('argocd-controller', 900, { 'f:spec': { 'f:replicas': {} } })],
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"spec":{"replicas":2}}' },
  },
})

describe('hpa-vs-gitops-replica-fight', () => {
  it('names the Deployment that two writers turn up and down', async () => {
    const outcome = await evaluate(hpaVsGitopsReplicaFight, {
      objects: [applied, scaler([]), ...swings, rescaled, placed],
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({
      kind: 'cause',
      strength: 'proof',
      says: expect.stringContaining('argocd-controller'),
    })
  })

  it('is a risk as long as they do not fight, and nothing where the autoscaler is alone', async () => {
    expect((await evaluate(hpaVsGitopsReplicaFight, { objects: [applied, scaler([])] })).findings[0]?.kind).toBe('risk')
    expect(
      (
        await evaluate(hpaVsGitopsReplicaFight, {
          objects: [workload('Deployment', 'shop/web'), scaler([]), ...swings],
        })
      ).findings,
    ).toEqual([])
  })

  it('is nothing where no autoscaler is, or where the Deployment itself is not there', async () => {
    expect((await evaluate(hpaVsGitopsReplicaFight, { objects: [applied, ...swings] })).status).toBe('clear')
    expect((await evaluate(hpaVsGitopsReplicaFight, { objects: [scaler([]), placed, ...swings] })).status).toBe('clear')
  })
})

describe('hpa-thrash', () => {
  it('names an autoscaler that turns again and again, and not one that turned once', async () => {
    const own = [resized(800, 2, BELOW), resized(600, 8, ABOVE), resized(300, 2, BELOW), resized(280, 8, ABOVE)]
    expect(subjectsOf(await evaluate(hpaThrash, { objects: [scaler([]), ...own] }))).toEqual([
      'HorizontalPodAutoscaler shop/web',
    ])
    expect((await evaluate(hpaThrash, { objects: [scaler([]), ...own.slice(2)] })).status).toBe('clear')
  })

  it('is quiet about pods that somebody else takes away', async () => {
    const outcome = await evaluate(hpaThrash, { objects: [scaler([]), rescaled, ...swings] })
    expect(outcome.findings).toEqual([])
    expect(outcome.rejections).toHaveLength(1)
  })

  it('is quiet about one that follows the load over an hour', async () => {
    const waves = [resized(3500, 2, BELOW), resized(2500, 8, ABOVE), resized(1500, 2, BELOW), resized(300, 8, ABOVE)]
    expect(await evaluate(hpaThrash, { objects: [scaler([]), ...waves] })).toMatchObject({
      status: 'clear',
      rejections: [],
    })
  })
})

describe('nodes that come and go', () => {
  const down = [1, 2, 3].map((n) =>
    event('', `Node/old-${n}`, 'ScaleDown', 'marked the node as toBeDeleted/unschedulable', {
      last: 200 * n,
      component: 'cluster-autoscaler',
      type: 'Normal',
    }),
  )
  const up = [1, 2, 3].map((n) =>
    event('shop', about, 'TriggeredScaleUp', `pod triggered scale-up: [{asg-1 ${n}->${n + 1} (max: 10)}]`, {
      last: 150 * n,
      component: 'cluster-autoscaler',
      type: 'Normal',
    }),
  )
  const young = ['new-1', 'new-2'].map((name) => node(name, { metadata: { creationTimestamp: ago(300) } }))

  it('are a thrash where both go on and nodes are young', async () => {
    expect((await evaluate(caOrKarpenterThrash, { objects: [...down, ...up, ...young] })).findings).toHaveLength(1)
    expect((await evaluate(caOrKarpenterThrash, { objects: [...up, ...young] })).status).toBe('clear')
  })

  it('are a scale-down that went too far where a workload lacks half of its pods since', async () => {
    const lacking = [workload('Deployment', 'shop/web', {}, 1), waiting]
    expect(
      (await evaluate(caAggressiveScaleDown, { objects: [...down, ...lacking] })).findings[0]?.affects?.map(
        ({ name }) => name,
      ),
    ).toContain('web')
    expect(
      (await evaluate(caAggressiveScaleDown, { objects: [...down, workload('Deployment', 'shop/web'), placed] }))
        .findings,
    ).toEqual([])
  })
})

describe('karpenter', () => {
  const claim = (seconds: number, initialized: string) =>
    thing('karpenter.sh/v1', 'NodeClaim', 'default-x1', {
      metadata: { creationTimestamp: ago(seconds) },
      status: {
        nodeName: 'node-1',
        conditions: [
          {
            type: 'Registered',
            status: 'True',
            reason: 'Registered',
            message: '',
            lastTransitionTime: ago(seconds - 30),
          },
          {
            type: 'Initialized',
            status: initialized,
            reason: 'StartupTaintsExist',
            message: 'StartupTaint "cni.example.com/not-ready:NoSchedule" still exists',
            lastTransitionTime: ago(seconds - 30),
          },
        ],
      },
    })

  it('names a node that is not initialized for long, and not one that is new', async () => {
    expect(
      subjectsOf(await evaluate(karpenterNodeNotInitialized, { objects: [node('node-1'), claim(1200, 'Unknown')] })),
    ).toEqual(['Node node-1'])
    expect(
      (await evaluate(karpenterNodeNotInitialized, { objects: [node('node-1'), claim(60, 'Unknown')] })).status,
    ).toBe('clear')
  })

  it('tells what it may not remove as a risk', async () => {
    const blocked = event(
      '',
      'Node/node-1',
      'DisruptionBlocked',
      'Cannot disrupt Node: PDB "shop/web" prevents pod evictions',
      { component: 'karpenter', type: 'Normal' },
    )
    expect((await evaluate(karpenterDisruptionBlocked, { objects: [node('node-1'), blocked] })).findings[0]?.kind).toBe(
      'risk',
    )
    expect((await evaluate(karpenterDisruptionBlocked, { objects: [node('node-1')] })).status).toBe('clear')
  })
})
