import { describe, expect, it } from 'vitest'
import { compute } from '../../../src/rules/compute/index.ts'
import { disk } from '../../../src/rules/disk/index.ts'
import { evaluateRules } from '../../../src/rules/evaluate.ts'
import { node as nodeRules } from '../../../src/rules/node/index.ts'
import type { Rule } from '../../../src/rules/rule.ts'
import { storage } from '../../../src/rules/storage/index.ts'
import { ago, incidentOf } from '../../incident/scene.ts'
import { crashed, event, node, pod, replicaSet, thing, workload, wrote } from '../../incident/things.ts'

const claim = (name: string, spec: object, status: object, created = 300) =>
  thing('v1', 'PersistentVolumeClaim', `shop/${name}`, {
    metadata: { name, namespace: 'shop', creationTimestamp: ago(created) },
    spec,
    status,
  })

/** A cluster that is well: old sorrows, jobs that ended, a rollout half-way, agents that remark. */
const objects = [
  node('node-1'),
  node('node-2', { metadata: { name: 'node-2', creationTimestamp: ago(120) } }),
  thing('coordination.k8s.io/v1', 'Lease', 'kube-node-lease/node-1', {
    spec: { renewTime: ago(6) },
    metadata: { managedFields: [wrote('kubelet', 5, { 'f:spec': { 'f:renewTime': {} } })] },
  }),
  event('', 'Node/node-1', 'SystemOOM', 'System OOM encountered, victim process: java, pid: 4711', { last: 3300 }),
  event('', 'Node/node-1', 'Rebooted', 'Node node-1 has been rebooted, boot id: 0b2f5c1e', { last: 3500 }),
  event('', 'Node/node-1', 'NodeHasDiskPressure', 'Node node-1 status is now: NodeHasDiskPressure', {
    type: 'Normal',
    last: 3400,
  }),
  event('', 'Node/node-1', 'NodeHasNoDiskPressure', 'Node node-1 status is now: NodeHasNoDiskPressure', {
    type: 'Normal',
    last: 3300,
  }),
  event('', 'Node/node-1', 'NodeNotReady', 'Node node-1 status is now: NodeNotReady', { type: 'Normal', last: 3450 }),
  event('', 'Node/node-1', 'LargeEnvironment', 'Process has 1200 environment variables'),
  event('', 'Node/node-2', 'InvalidDiskCapacity', 'invalid capacity 0 on image filesystem', { last: 110 }),
  event('', 'NodeClaim/pool-x1', 'SpotRebalanceRecommendation', 'Spot rebalance recommendation was triggered'),
  event('', 'NodeClaim/pool-x2', 'SpotInterrupted', 'Spot interruption warning was triggered', { last: 3000 }),
  pod('shop/evicted-1', {
    ready: false,
    status: {
      phase: 'Failed',
      reason: 'Evicted',
      message: 'The node was low on resource: memory. Container app was using 2Gi, which exceeds its request of 0. ',
      conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: ago(200_000) }],
    },
  }),
  pod('shop/report-28123', {
    owner: 'Job/report',
    ready: false,
    status: { phase: 'Succeeded' },
    containers: [{ status: { state: { terminated: { reason: 'Completed', exitCode: 0, finishedAt: ago(900) } } } }],
  }),
  pod('shop/old-kill-1', {
    created: 900_000,
    containers: [
      {
        spec: { resources: { limits: { memory: '64Mi', cpu: '100m' } } },
        status: { restartCount: 4, lastState: crashed({ reason: 'OOMKilled', exitCode: 137, at: 200_000 }).lastState },
      },
    ],
  }),
  workload('Deployment', 'shop/web'),
  replicaSet('shop/web-5d5d5d5d5', 'web', 1),
  replicaSet('shop/web-6c8f7d9b5', 'web', 2, { metadata: { name: 'web-6c8f7d9b5', creationTimestamp: ago(20) } }),
  pod('shop/web-6c8f7d9b5-abcde', {
    owner: 'ReplicaSet/web-6c8f7d9b5',
    created: 15,
    ready: false,
    containers: [{ spec: { resources: { limits: { cpu: '100m' } } } }],
  }),
  event(
    'shop',
    'Pod/web-6c8f7d9b5-abcde',
    'Unhealthy',
    'Readiness probe failed: Get "http://10.0.0.9/": context deadline exceeded',
    { last: 5 },
  ),
  pod('shop/db-0', {
    owner: 'StatefulSet/db',
    created: 600,
    spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } }] },
  }),
  claim('data-db-0', { volumeName: 'pv-1' }, { phase: 'Bound' }, 900_000),
  event(
    'shop',
    'Pod/db-0',
    'FailedAttachVolume',
    'Multi-Attach error for volume "pv-1" Volume is already exclusively attached to one node and can\'t be attached to another',
    { last: 590 },
  ),
  event(
    'shop',
    'Pod/db-0',
    'FailedScheduling',
    '0/2 nodes are available: 2 node(s) had volume node affinity conflict.',
    { last: 598, component: 'default-scheduler' },
  ),
  event(
    'shop',
    'Pod/db-0',
    'FailedMount',
    'MountVolume.MountDevice failed for volume "pv-1" : driver name block.csi.example.com not found in the list of registered CSI drivers',
    { last: 580 },
  ),
  thing('storage.k8s.io/v1', 'StorageClass', 'late', {
    provisioner: 'block.csi.example.com',
    volumeBindingMode: 'WaitForFirstConsumer',
  }),
  claim('unused', { storageClassName: 'late' }, { phase: 'Pending' }, 90_000),
  event(
    'shop',
    'PersistentVolumeClaim/unused',
    'WaitForFirstConsumer',
    'waiting for first consumer to be created before binding',
    { type: 'Normal', count: 900 },
  ),
]

const logs = {
  'shop/old-kill-1/app': `${ago(3000)} ERROR open /tmp/a: too many open files\n${ago(2900)} ERROR write /tmp/a: no space left on device\n${ago(10)} INFO served\n`,
}

describe('an ordinary day', () => {
  it('has no cause of processors, memory, disks, nodes or volumes', async () => {
    const rules: readonly Rule[] = [...compute, ...disk, ...nodeRules, ...storage]
    const outcomes = evaluateRules(await incidentOf({ objects, logs }), rules)
    const found = outcomes.flatMap(({ findings, rule }) =>
      findings.map(({ kind, says }) => `${rule.id} ${kind}: ${says}`),
    )
    expect(found.filter((one) => !one.includes(' risk: '))).toEqual([])
    expect(outcomes.filter(({ status }) => status === 'crashed' || status === 'not-evaluated')).toEqual([])
  })
})
