import { describe, expect, it } from 'vitest'
import { csiControllerOrNodeDown } from '../../../src/rules/storage/csi-controller-or-node-down.ts'
import { ebsAttachTimeoutOrStuckOnDeadNode } from '../../../src/rules/storage/ebs-attach-timeout-or-stuck-on-dead-node.ts'
import { ebsAzMismatch } from '../../../src/rules/storage/ebs-az-mismatch.ts'
import { ebsKmsDenied } from '../../../src/rules/storage/ebs-kms-denied.ts'
import { ebsMultiAttach } from '../../../src/rules/storage/ebs-multi-attach.ts'
import { ebsVolumeLimitPerNode } from '../../../src/rules/storage/ebs-volume-limit-per-node.ts'
import { ebsVolumeThrottled } from '../../../src/rules/storage/ebs-volume-throttled.ts'
import { efsMountFailed } from '../../../src/rules/storage/efs-mount-failed.ts'
import { pvFull } from '../../../src/rules/storage/pv-full.ts'
import { pvProtectionStuck } from '../../../src/rules/storage/pv-protection-stuck.ts'
import { pvcPendingProvisioning } from '../../../src/rules/storage/pvc-pending-provisioning.ts'
import { pvcResizeStuck } from '../../../src/rules/storage/pvc-resize-stuck.ts'
import { statefulsetScaleReusesOldPvc } from '../../../src/rules/storage/statefulset-scale-reuses-old-pvc.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { crashed, event, node, pod, replicaSet, thing, workload, wrote } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } }]

function claim(patch: Record<string, unknown> = {}): Thing {
  return thing('v1', 'PersistentVolumeClaim', 'shop/data-db-0', {
    spec: { storageClassName: 'block', volumeName: 'pv-1', resources: { requests: { storage: '10Gi' } } },
    status: { phase: 'Bound', capacity: { storage: '10Gi' } },
    ...patch,
  })
}

/** A pod with a node that waits for its volumes. */
const waits = pod('shop/db-0', {
  owner: 'StatefulSet/db',
  created: 900,
  ready: false,
  spec: { volumes },
  status: {
    phase: 'Pending',
    containerStatuses: [
      { name: 'app', ready: false, restartCount: 0, state: { waiting: { reason: 'ContainerCreating' } } },
    ],
  },
})

/** The same without a node. */
const unplaced = pod('shop/db-0', {
  owner: 'StatefulSet/db',
  created: 900,
  ready: false,
  spec: { volumes, nodeName: undefined },
  status: {
    phase: 'Pending',
    containerStatuses: undefined,
    conditions: [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message: '0/1 nodes are available: 1 node(s) had volume node affinity conflict.',
        lastTransitionTime: ago(890),
      },
    ],
  },
})

const runs = pod('shop/db-0', { owner: 'StatefulSet/db', spec: { volumes } })

const attachFailed = event(
  'shop',
  'Pod/db-0',
  'FailedAttachVolume',
  'AttachVolume.Attach failed for volume "pv-1" : timed out waiting for external-attacher of block.csi.example.com CSI driver to attach volume vol-1',
  { component: 'attachdetach-controller', first: 880, last: 60 },
)

describe('ebs-attach-timeout-or-stuck-on-dead-node', () => {
  it('names the workload whose volume is not attached, whatever the driver', async () => {
    expect(
      subjectsOf(
        await evaluate(ebsAttachTimeoutOrStuckOnDeadNode, { objects: [node('node-1'), claim(), waits, attachFailed] }),
      )[0],
    ).toMatch(/db/)
  })

  it('says which dead node still has it', async () => {
    const attachment = thing('storage.k8s.io/v1', 'VolumeAttachment', 'csi-1', {
      spec: { nodeName: 'node-9', source: { persistentVolumeName: 'pv-1' } },
      status: { attached: true },
    })
    const volume = thing('v1', 'PersistentVolume', 'pv-1', {
      spec: { claimRef: { namespace: 'shop', name: 'data-db-0' } },
    })
    const outcome = await evaluate(ebsAttachTimeoutOrStuckOnDeadNode, {
      objects: [node('node-1'), claim(), volume, attachment, waits, attachFailed],
    })
    expect(outcome.findings[0]?.says).toContain('node-9')
  })

  it('is quiet once the pod runs, and where a ConfigMap is what is missing', async () => {
    expect(
      (await evaluate(ebsAttachTimeoutOrStuckOnDeadNode, { objects: [node('node-1'), claim(), runs, attachFailed] }))
        .findings,
    ).toEqual([])
    const missing = event(
      'shop',
      'Pod/db-0',
      'FailedMount',
      'MountVolume.SetUp failed for volume "conf" : configmap "conf" not found',
    )
    expect(
      (await evaluate(ebsAttachTimeoutOrStuckOnDeadNode, { objects: [node('node-1'), waits, missing] })).findings,
    ).toEqual([])
  })
})

describe('ebs-multi-attach', () => {
  const said = event(
    'shop',
    'Pod/db-0',
    'FailedAttachVolume',
    'Multi-Attach error for volume "pv-1" Volume is already exclusively attached to one node and can\'t be attached to another',
    { component: 'attachdetach-controller' },
  )

  it('names who waits, and is quiet once it runs', async () => {
    expect((await evaluate(ebsMultiAttach, { objects: [node('node-1'), claim(), waits, said] })).findings).toHaveLength(
      1,
    )
    expect((await evaluate(ebsMultiAttach, { objects: [node('node-1'), claim(), runs, said] })).findings).toEqual([])
  })
})

describe('ebs-az-mismatch', () => {
  const volume = thing('v1', 'PersistentVolume', 'pv-1', {
    spec: {
      claimRef: { namespace: 'shop', name: 'data-db-0' },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: ['zone-c'] }] },
          ],
        },
      },
    },
  })
  const said = event(
    'shop',
    'Pod/db-0',
    'FailedScheduling',
    '0/1 nodes are available: 1 node(s) had volume node affinity conflict. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    { component: 'default-scheduler', first: 890, last: 30 },
  )

  it('is proven where no node is in the zone of the volume', async () => {
    const outcome = await evaluate(ebsAzMismatch, { objects: [node('node-1'), claim(), volume, unplaced, said] })
    expect(outcome.findings[0]).toMatchObject({
      kind: 'cause',
      strength: 'proof',
      says: expect.stringContaining('zone-c'),
    })
  })

  it('is a mechanism where nodes are there and full, and quiet where the pod runs', async () => {
    const there = node('node-2', { metadata: { labels: { 'topology.kubernetes.io/zone': 'zone-c' } } })
    expect(
      (await evaluate(ebsAzMismatch, { objects: [node('node-1'), there, claim(), volume, unplaced, said] })).findings[0]
        ?.kind,
    ).toBe('mechanism')
    expect(
      (await evaluate(ebsAzMismatch, { objects: [node('node-1'), claim(), volume, runs, said] })).findings,
    ).toEqual([])
  })
})

describe('ebs-volume-limit-per-node', () => {
  const said = event(
    'shop',
    'Pod/db-0',
    'FailedScheduling',
    '0/1 nodes are available: 1 node(s) exceed max volume count. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
    { component: 'default-scheduler', last: 30 },
  )

  it('names who finds no node for its volumes, and is quiet once it runs', async () => {
    expect(
      (await evaluate(ebsVolumeLimitPerNode, { objects: [node('node-1'), claim(), unplaced, said] })).findings,
    ).toHaveLength(1)
    expect(
      (await evaluate(ebsVolumeLimitPerNode, { objects: [node('node-1'), claim(), runs, said] })).findings,
    ).toEqual([])
  })
})

describe('csi-controller-or-node-down', () => {
  const said = event(
    'shop',
    'Pod/db-0',
    'FailedMount',
    'MountVolume.MountDevice failed for volume "pv-1" : kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient: driver name block.csi.example.com not found in the list of registered CSI drivers',
  )

  it('names a driver that is not on the node, not one of a node that just started', async () => {
    expect(
      (await evaluate(csiControllerOrNodeDown, { objects: [node('node-1'), claim(), waits, said] })).findings[0]?.says,
    ).toContain('block.csi.example.com')
    const young = node('node-1', { metadata: { creationTimestamp: ago(60) } })
    expect((await evaluate(csiControllerOrNodeDown, { objects: [young, claim(), waits, said] })).findings).toEqual([])
  })
})

describe('pvc-pending-provisioning', () => {
  const pending = claim({ spec: { storageClassName: 'fast' }, status: { phase: 'Pending' } })

  it('is proven by what the provisioner says', async () => {
    const failed = event(
      'shop',
      'PersistentVolumeClaim/data-db-0',
      'ProvisioningFailed',
      'storageclass.storage.k8s.io "fast" not found',
      { component: 'persistentvolume-controller' },
    )
    expect((await evaluate(pvcPendingProvisioning, { objects: [pending, failed] })).findings[0]).toMatchObject({
      strength: 'proof',
      subject: { name: 'data-db-0' },
    })
  })

  it('is quiet while a claim waits for its first pod', async () => {
    const lazy = thing('storage.k8s.io/v1', 'StorageClass', 'fast', {
      provisioner: 'block.csi.example.com',
      volumeBindingMode: 'WaitForFirstConsumer',
    })
    const normal = event(
      'shop',
      'PersistentVolumeClaim/data-db-0',
      'WaitForFirstConsumer',
      'waiting for first consumer to be created before binding',
      { type: 'Normal', component: 'persistentvolume-controller' },
    )
    expect((await evaluate(pvcPendingProvisioning, { objects: [pending, lazy, normal] })).findings).toEqual([])
  })
})

describe('ebs-kms-denied', () => {
  const denied = (text: string) => event('shop', 'PersistentVolumeClaim/data-db-0', 'ProvisioningFailed', text)

  it('names the claim whose key is refused, and is quiet about other refusals', async () => {
    const outcome = await evaluate(ebsKmsDenied, {
      objects: [
        claim(),
        denied(
          'failed to provision volume with StorageClass "block": rpc error: code = Internal desc = Could not create volume: Client.InvalidKMSKey.InvalidState: The KMS key provided is in an incorrect state',
        ),
      ],
    })
    expect(subjectsOf(outcome)).toEqual(['PersistentVolumeClaim shop/data-db-0'])
    expect(
      (await evaluate(ebsKmsDenied, { objects: [claim(), denied('storageclass.storage.k8s.io "fast" not found')] }))
        .status,
    ).toBe('clear')
  })

  it('is quiet about a key that was refused hours ago, and about a program that uses keys of its own', async () => {
    const words = 'Client.InvalidKMSKey.InvalidState: The KMS key provided is in an incorrect state'
    const before = event('shop', 'PersistentVolumeClaim/data-db-0', 'ProvisioningFailed', words, { last: 7200 })
    expect((await evaluate(ebsKmsDenied, { objects: [claim(), before] })).status).toBe('clear')
    const logs = { 'shop/web-1/app': `${ago(60)} ERROR ${words}\n` }
    expect((await evaluate(ebsKmsDenied, { objects: [claim(), pod('shop/web-1')], logs })).status).toBe('clear')
  })
})

describe('efs-mount-failed', () => {
  const failed = event(
    'shop',
    'Pod/db-0',
    'FailedMount',
    'MountVolume.SetUp failed for volume "pv-1" : mount failed: exit status 32 Output: mount.nfs4: Connection timed out',
  )

  it('names who waits for the file system, and is quiet once it runs', async () => {
    expect(subjectsOf(await evaluate(efsMountFailed, { objects: [waits, failed] }))).toEqual(['StatefulSet shop/db'])
    expect((await evaluate(efsMountFailed, { objects: [runs, failed] })).findings).toEqual([])
  })
})

describe('pv-full', () => {
  const full = pod('shop/db-0', {
    owner: 'StatefulSet/db',
    ready: false,
    spec: { volumes },
    containers: [{ spec: { volumeMounts: [{ name: 'data', mountPath: '/var/lib/db' }] }, status: crashed() }],
  })
  const log = (text: string) => ({ 'shop/db-0/app.previous': `${ago(62)} ${text}\n` })

  it('names the claim whose path is full', async () => {
    const outcome = await evaluate(pvFull, {
      objects: [node('node-1'), claim(), full],
      logs: log('FATAL: could not write to file "/var/lib/db/wal/0001": No space left on device'),
    })
    expect(subjectsOf(outcome)).toEqual(['PersistentVolumeClaim shop/data-db-0'])
  })

  it('reads the path in the line above that of the system, where Java writes it', async () => {
    const strengthOf = async (path: string) => {
      const words = [
        `ERROR Error while writing to checkpoint file ${path}/recovery-point`,
        'java.io.IOException: No space left on device',
      ]
      const logs = { 'shop/db-0/app': words.map((line, index) => `${ago(62 - index)} ${line}\n`).join('') }
      return (await evaluate(pvFull, { objects: [node('node-1'), claim(), full], logs })).findings[0]?.strength
    }
    expect(await strengthOf('/var/lib/db')).toBe('strong')
    expect(await strengthOf('/srv')).toBe('weak')
  })

  it('is quiet where the disk of the node is full, and where no claim is mounted', async () => {
    const pressed = node('node-1', {
      status: {
        conditions: [
          {
            type: 'DiskPressure',
            status: 'True',
            reason: 'KubeletHasDiskPressure',
            message: '',
            lastTransitionTime: ago(300),
          },
          { type: 'Ready', status: 'True', reason: 'KubeletReady', message: '', lastTransitionTime: ago(9000) },
        ],
      },
    })
    expect(
      (
        await evaluate(pvFull, {
          objects: [pressed, claim(), full],
          logs: log('FATAL: write failed: No space left on device'),
        })
      ).findings,
    ).toEqual([])
    const bare = pod('shop/db-0', { owner: 'StatefulSet/db', ready: false, containers: [{ status: crashed() }] })
    expect(
      (
        await evaluate(pvFull, {
          objects: [node('node-1'), bare],
          logs: log('FATAL: write failed: No space left on device'),
        })
      ).findings,
    ).toEqual([])
  })

  it('is quiet about watches that the kernel has no room for, in the words of a full disk', async () => {
    const outcome = await evaluate(pvFull, {
      objects: [node('node-1'), claim(), full],
      logs: log('FATAL: inotify_add_watch /var/lib/db/conf failed: no space left on device'),
    })
    expect(outcome.findings).toEqual([])
  })

  it.each([
    'FATAL: could not resize shared memory segment "/PostgreSQL.18" to 8388608 bytes: No space left on device',
    "OSError: [Errno 28] No space left on device: '/tmp/upload-1'",
  ])('is quiet about what lies on no claim: %s', async (text) => {
    const outcome = await evaluate(pvFull, { objects: [node('node-1'), claim(), full], logs: log(text) })
    expect(outcome.findings).toEqual([])
  })
})

describe('pvc-resize-stuck', () => {
  const grows = (status: Record<string, unknown>) =>
    claim({
      spec: { storageClassName: 'block', volumeName: 'pv-1', resources: { requests: { storage: '20Gi' } } },
      status: { phase: 'Bound', capacity: { storage: '10Gi' }, ...status },
    })

  it('names a claim that does not grow, and is quiet about one that just began or is done', async () => {
    const failed = event(
      'shop',
      'PersistentVolumeClaim/data-db-0',
      'VolumeResizeFailed',
      'resize volume "pv-1" by resizer "block.csi.example.com" failed: rpc error: code = Internal desc = Could not resize volume: VolumeModificationRateExceeded: You have reached the maximum modification rate per volume limit. Wait at least 6 hours between modifications per EBS volume.',
    )
    expect(subjectsOf(await evaluate(pvcResizeStuck, { objects: [grows({}), failed] }))).toEqual([
      'PersistentVolumeClaim shop/data-db-0',
    ])
    const begun = grows({ conditions: [{ type: 'Resizing', status: 'True', lastTransitionTime: ago(30) }] })
    expect((await evaluate(pvcResizeStuck, { objects: [begun] })).findings).toEqual([])
    expect((await evaluate(pvcResizeStuck, { objects: [claim()] })).status).toBe('clear')
  })
})

describe('pv-protection-stuck', () => {
  const kept = (seconds: number) =>
    claim({ metadata: { deletionTimestamp: ago(seconds), finalizers: ['kubernetes.io/pvc-protection'] } })

  it('names a deleted claim that a pod still uses, not one that was deleted just now', async () => {
    expect(subjectsOf(await evaluate(pvProtectionStuck, { objects: [kept(900), runs] }))).toEqual([
      'PersistentVolumeClaim shop/data-db-0',
    ])
    expect((await evaluate(pvProtectionStuck, { objects: [kept(20), runs] })).status).toBe('clear')
  })
})

describe('ebs-volume-throttled', () => {
  const said = event('', 'Node/node-1', 'EBSVolumeIOPSExceeded', 'IOPS limit of volume vol-1 (nvme1n1) exceeded', {
    component: 'eks-node-monitoring-agent',
    last: 60,
  })

  it('names the node whose volumes are asked for too much', async () => {
    const slow = pod('shop/db-0', { owner: 'StatefulSet/db', ready: false, spec: { volumes } })
    expect(subjectsOf(await evaluate(ebsVolumeThrottled, { objects: [node('node-1'), claim(), slow, said] }))).toEqual([
      'Node node-1',
    ])
    expect((await evaluate(ebsVolumeThrottled, { objects: [node('node-1'), claim(), slow] })).status).toBe('clear')
  })

  it('leaves the root disk to its own rule, unless the machine itself is the limit', async () => {
    const slow = pod('shop/db-0', { owner: 'StatefulSet/db', ready: false, spec: { volumes } })
    const of = (reason: string, text: string) =>
      evaluate(ebsVolumeThrottled, {
        objects: [node('node-1'), claim(), slow, event('', 'Node/node-1', reason, text, { last: 60 })],
      })
    expect((await of('EBSVolumeIOPSExceeded', 'IOPS limit of the root volume exceeded (/dev/xvda)')).findings).toEqual(
      [],
    )
    expect(
      (await of('EBSInstanceIOPSExceeded', 'IOPS limit of the instance exceeded (/dev/xvda)')).findings,
    ).toHaveLength(1)
  })
})

describe('statefulset-scale-reuses-old-pvc', () => {
  const set = workload(
    'StatefulSet',
    'shop/db',
    { metadata: { managedFields: [wrote('kubectl', 600, { 'f:spec': { 'f:replicas': {} } }, 'Update', 'scale')] } },
    2,
  )
  const second = pod('shop/db-1', {
    owner: 'StatefulSet/db',
    created: 590,
    spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-1' } }] },
  })
  const old = (seconds: number) =>
    thing('v1', 'PersistentVolumeClaim', 'shop/data-db-1', {
      metadata: { creationTimestamp: ago(seconds) },
      status: { phase: 'Bound' },
    })
  const first = pod('shop/db-0', { owner: 'StatefulSet/db', created: 90_000 })

  it('is a risk where a replica came back to an old claim, and nothing where the claim is new', async () => {
    expect(
      (await evaluate(statefulsetScaleReusesOldPvc, { objects: [set, first, second, old(900_000)] })).findings[0]?.kind,
    ).toBe('risk')
    expect((await evaluate(statefulsetScaleReusesOldPvc, { objects: [set, first, second, old(595)] })).status).toBe(
      'clear',
    )
  })

  it('does not take the names of other pods for ordinals', async () => {
    const { managedFields } = set.metadata as { managedFields: unknown }
    const member = (name: string, created: number) =>
      pod(`shop/${name}`, {
        owner: 'ReplicaSet/db-6c8f7d9b5',
        created,
        spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-1' } }] },
      })
    const objects = [
      workload('Deployment', 'shop/db', { metadata: { managedFields } }, 2),
      replicaSet('shop/db-6c8f7d9b5', 'db', 1),
      member('db-6c8f7d9b5-24568', 90_000),
      member('db-6c8f7d9b5-99999', 590),
      old(900_000),
    ]
    expect((await evaluate(statefulsetScaleReusesOldPvc, { objects })).status).toBe('clear')
  })
})
