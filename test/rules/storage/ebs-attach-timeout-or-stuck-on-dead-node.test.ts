import { describe, expect, it } from 'vitest'
import { ebsAttachTimeoutOrStuckOnDeadNode as rule } from '../../../src/rules/storage/ebs-attach-timeout-or-stuck-on-dead-node.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { event, node, thing } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { attachment, claim, notAttached, notMounted, volume, waits } from './volumes.ts'

const MULTI =
  'Multi-Attach error for volume "pv-1" Volume is already exclusively attached to one node and can\'t be attached to another'
const silent = node('node-9', {
  status: {
    conditions: [
      { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: '', lastTransitionTime: ago(900) },
    ],
  },
})

describe('ebs-attach-timeout-or-stuck-on-dead-node: dead nodes and other drivers', () => {
  it.each([
    ['a silent node', [silent]],
    ['a node that is gone', []],
  ] as const)('names the claim held by %s', async (_, nodes) => {
    const objects = [node('node-1'), ...nodes, claim(), volume(), attachment('node-9'), waits(), notAttached(MULTI)]
    const outcome = await evaluate(rule, { objects })
    expect(subjectsOf(outcome)).toEqual(['PersistentVolumeClaim shop/data-db-0'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'StatefulSet', namespace: 'shop', name: 'db' })
  })

  it('says so where the events are unknown, and not of a node that may only be unknown', async () => {
    const objects = [node('node-1'), claim(), volume(), attachment('node-9'), waits(), notAttached(MULTI)]
    expect((await evaluate(rule, { objects, denied: ['events'] })).findings[0]?.says).toContain('node-9')
    expect((await evaluate(rule, { objects, denied: ['nodes'] })).findings).toEqual([])
  })

  describe('where the VolumeAttachment says it', () => {
    const REFUSED = 'rpc error: code = Internal desc = attach of disk d-1 failed: the host has no free slot'
    const refused = (node: string, more = {}) =>
      attachment(node, { attached: false, attachError: { time: ago(300), message: REFUSED }, ...more })

    it('has the words of the driver though the events are gone', async () => {
      const objects = [node('node-1'), claim(), volume(), waits(), refused('node-1')]
      const { findings } = await evaluate(rule, { objects })
      expect(findings).toMatchObject([{ kind: 'cause', strength: 'proof', from: Date.parse(ago(300)) }])
      expect(findings[0]?.says).toContain('the host has no free slot')
    })

    it('is quiet about one that is attached by now, and about a node where no pod waits', async () => {
      const of = (...more: Parameters<typeof evaluate>[1]['objects'][number][]) =>
        evaluate(rule, { objects: [node('node-1'), node('node-2'), claim(), volume(), waits(), ...more] })
      expect((await of(refused('node-1', { attached: true }))).findings).toEqual([])
      expect((await of(refused('node-2'))).findings).toEqual([])
    })

    it('tells of a node that does not let go', async () => {
      const held = thing('storage.k8s.io/v1', 'VolumeAttachment', 'csi-1', {
        metadata: { name: 'csi-1', deletionTimestamp: ago(400) },
        spec: { nodeName: 'node-2', source: { persistentVolumeName: 'pv-1' } },
        status: { attached: true, detachError: { time: ago(300), message: 'rpc error: code = Internal desc = busy' } },
      })
      const objects = [node('node-1'), node('node-2'), claim(), volume(), waits(), held]
      expect((await evaluate(rule, { objects })).findings[0]?.says).toContain('busy')
    })

    it('leaves it to the rule that knows the words', async () => {
      const full =
        'rpc error: code = Internal desc = Could not attach volume "v" to node "i": AttachmentLimitExceeded: Number of attachments exceeds the limit'
      const objects = [
        node('node-1'),
        claim(),
        volume(),
        waits(),
        attachment('node-1', { attached: false, attachError: { time: ago(300), message: full } }),
      ]
      expect((await evaluate(rule, { objects })).findings).toEqual([])
    })
  })

  it('leaves a volume that a healthy node holds to ebs-multi-attach', async () => {
    const objects = [
      node('node-1'),
      node('node-9'),
      claim(),
      volume(),
      attachment('node-9'),
      waits(),
      notAttached(MULTI),
    ]
    expect((await evaluate(rule, { objects })).findings).toEqual([])
  })

  it('is quiet about a pod that has just been placed while its volume moves', async () => {
    const objects = [node('node-1'), silent, claim(), volume(), attachment('node-9'), waits({ created: 5 })]
    expect((await evaluate(rule, { objects })).findings).toEqual([])
  })

  it.each([
    'MountVolume.MountDevice failed for volume "pv-1" : rpc error: code = Internal desc = rbd: map failed with error an error (exit status 110) occurred while running rbd args',
    'MountVolume.SetUp failed for volume "pv-1" : rpc error: code = Internal desc = mount error(13): Permission denied',
    'MountVolume.WaitForAttach failed for volume "pv-1" : failed to get any path for iscsi disk, last err seen: iscsi: failed to sendtargets to portal 10.0.0.9:3260',
    'MountVolume.NewMounter initialization failed for volume "pv-1" : path "/mnt/disks/ssd1" does not exist',
  ])('gives the words of any driver: %s', async (words) => {
    const outcome = await evaluate(rule, { objects: [node('node-1'), claim(), volume(), waits(), notMounted(words)] })
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', subject: { kind: 'StatefulSet', name: 'db' } })
    expect(outcome.findings[0]?.says).toContain(words.slice(0, 60))
  })

  it.each([
    'Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[data token-x]: timed out waiting for the condition',
    'Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[], failed to process volumes=[]: context deadline exceeded',
  ])('calls time that ran out a mechanism: %s', async (words) => {
    const outcome = await evaluate(rule, { objects: [node('node-1'), claim(), volume(), waits(), notMounted(words)] })
    expect(outcome.findings[0]).toMatchObject({ kind: 'mechanism', strength: 'weak' })
  })

  it('leaves NFS, and a Secret that holds the others up, to the rules of these', async () => {
    const nfs = notMounted(
      'MountVolume.SetUp failed for volume "pv-1" : mount failed: exit status 32\nOutput: mount.nfs: Connection timed out',
    )
    const secret = notMounted('MountVolume.SetUp failed for volume "cert" : secret "cert" not found')
    for (const said of [nfs, secret]) {
      const outcome = await evaluate(rule, { objects: [node('node-1'), claim(), volume(), waits(), said] })
      expect(outcome.findings).toEqual([])
      expect(outcome.rejections).toHaveLength(1)
    }
  })

  it('is quiet about what was said of a volume hours ago', async () => {
    const words = 'MountVolume.MountDevice failed for volume "pv-1" : rpc error: code = Internal desc = map failed'
    const objects = [node('node-1'), claim(), volume(), waits({ created: 9000 }), notMounted(words, 'db-0', 7200)]
    expect((await evaluate(rule, { objects })).findings).toEqual([])
  })

  it('tells of files that are given to the group of the pod, and advises nothing of that kind otherwise', async () => {
    const words = 'Setting volume ownership for 6a1/mount is taking longer than expected, consider using OnRootMismatch'
    const slow = event('shop', 'Pod/db-0', 'VolumePermissionChangeInProgress', words, { first: 500, last: 10 })
    const late = notMounted(
      'MountVolume.MountDevice failed for volume "pv-1" : rpc error: code = Internal desc = map failed',
    )
    const found = async (...said: readonly Thing[]) =>
      (await evaluate(rule, { objects: [node('node-1'), claim(), volume(), waits(), ...said] })).findings
    const [own] = await found(slow)
    expect(own).toMatchObject({ kind: 'cause', strength: 'strong', says: expect.stringContaining('fsGroup') })
    expect(JSON.stringify(own?.advice)).toContain('OnRootMismatch')
    expect((await found(late))[0]?.advice).toBeUndefined()
    expect(await found()).toEqual([])
  })
})
