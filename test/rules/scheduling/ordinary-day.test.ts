import { expect, it } from 'vitest'
import { autoscaling } from '../../../src/rules/autoscaling/index.ts'
import { rollout } from '../../../src/rules/rollout/index.ts'
import { scheduling } from '../../../src/rules/scheduling/index.ts'
import { termination } from '../../../src/rules/termination/index.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { event, node, pod, replicaSet, thing, workload, wrote } from '../../incident/things.ts'
import { scaler } from '../autoscaling/scaler.ts'
import { evaluate } from '../check.ts'
import { waiting } from './waiting.ts'

const normal = { type: 'Normal' }

/** A cluster that is well, with what happens in one all day: a rollout half-way, scale-ups, old warnings, things that just go. */
const DAY: readonly Thing[] = [
  node('control', { spec: { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] } }),
  node('node-1'),
  node('node-2', { metadata: { creationTimestamp: ago(240) } }),
  workload(
    'Deployment',
    'shop/web',
    {
      metadata: { managedFields: [wrote('argocd-controller', 86_400, { 'f:spec': { 'f:replicas': {} } })] },
      status: { updatedReplicas: 1 },
    },
    3,
  ),
  replicaSet('shop/web-7d4f8b9c6', 'web', 1),
  replicaSet('shop/web-6c8f7d9b5', 'web', 2, {
    metadata: { creationTimestamp: ago(40) },
    spec: { template: { spec: { containers: [{ name: 'app', image: 'registry.example/web:2' }] } } },
  }),
  pod('shop/web-7d4f8b9c6-aaaaa', { owner: 'ReplicaSet/web-7d4f8b9c6', labels: { app: 'web' } }),
  pod('shop/web-7d4f8b9c6-bbbbb', {
    owner: 'ReplicaSet/web-7d4f8b9c6',
    labels: { app: 'web' },
    metadata: { deletionTimestamp: ago(5) },
  }),
  pod('shop/web-6c8f7d9b5-ccccc', {
    owner: 'ReplicaSet/web-6c8f7d9b5',
    labels: { app: 'web' },
    created: 20,
    ready: false,
    containers: [{ status: { state: { waiting: { reason: 'ContainerCreating' } } } }],
    status: { phase: 'Pending' },
  }),
  {
    ...waiting(
      'shop/web-6c8f7d9b5-ddddd',
      '0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu.',
    ),
    metadata: { namespace: 'shop', name: 'web-6c8f7d9b5-ddddd', uid: 'u', creationTimestamp: ago(10) },
  },
  event(
    'shop',
    'Pod/web-7d4f8b9c6-aaaaa',
    'FailedScheduling',
    '0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.',
    { last: 3500 },
  ),
  event(
    'shop',
    'Pod/web-7d4f8b9c6-aaaaa',
    'NotTriggerScaleUp',
    "pod didn't trigger scale-up: 1 max node group size reached",
    { ...normal, last: 3480 },
  ),
  event(
    'shop',
    'Pod/web-7d4f8b9c6-aaaaa',
    'FailedScheduling',
    'Failed to schedule pod, all available instance types exceed limits for nodepool: "default"',
    { last: 3470, component: 'karpenter' },
  ),
  event(
    '',
    'NodeClaim/default-x1',
    'InsufficientCapacityError',
    'NodeClaim default-x1 event: creating instance, insufficient capacity',
    { last: 3000, component: 'karpenter' },
  ),
  event('shop', 'Pod/batch-zzzzz', 'Preempted', 'Preempted by a pod on node node-1', { last: 1200 }),
  event('', 'Node/node-9', 'ScaleDown', 'marked the node as toBeDeleted/unschedulable', { ...normal, last: 2000 }),
  event('', 'Node/node-1', 'DisruptionBlocked', 'PDB "shop/single" prevents pod evictions', {
    ...normal,
    last: 100,
    component: 'karpenter',
  }),
  event('shop', 'Deployment/web', 'ScalingReplicaSet', 'Scaled up replica set web-6c8f7d9b5 from 0 to 1', {
    ...normal,
    last: 40,
  }),
  event('shop', 'Deployment/web', 'ScalingReplicaSet', 'Scaled down replica set web-7d4f8b9c6 from 3 to 2', {
    ...normal,
    last: 35,
  }),
  pod('shop/report-28391-eeeee', { owner: 'Job/report-28391', ready: false, status: { phase: 'Succeeded' } }),
  pod('shop/cache-7d4f8b9c6-fffff', {
    owner: 'ReplicaSet/cache-7d4f8b9c6',
    created: 90_000,
    ready: false,
    status: { phase: 'Failed', reason: 'OutOfcpu', message: 'Pod was rejected' },
  }),
  workload('Deployment', 'shop/single'),
  replicaSet('shop/single-7d4f8b9c6', 'single', 1),
  pod('shop/single-7d4f8b9c6-ggggg', { owner: 'ReplicaSet/single-7d4f8b9c6', labels: { app: 'single' } }),
  thing('policy/v1', 'PodDisruptionBudget', 'shop/single', {
    spec: { selector: { matchLabels: { app: 'single' } } },
    status: { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
  }),
  scaler({
    type: 'ScalingLimited',
    status: 'True',
    reason: 'TooFewReplicas',
    message: 'the desired replica count is less than the minimum replica count',
  }),
  thing('v1', 'Namespace', 'preview', { metadata: { deletionTimestamp: ago(20) }, status: { phase: 'Terminating' } }),
]

it.each([...scheduling, ...rollout, ...autoscaling, ...termination])(
  '$id finds no cause on an ordinary day',
  async (rule) => {
    const { findings } = await evaluate(rule, { objects: DAY })
    expect(findings.filter(({ kind }) => kind === 'cause' || kind === 'mechanism').map(({ says }) => says)).toEqual([])
  },
)
