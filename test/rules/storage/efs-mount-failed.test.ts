import { describe, expect, it } from 'vitest'
import { efsMountFailed as rule } from '../../../src/rules/storage/efs-mount-failed.ts'
import { event } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { notMounted, runs, waits } from './volumes.ts'

const KUBELET =
  'MountVolume.SetUp failed for volume "pv-1" : mount failed: exit status 32\nMounting command: mount\nOutput: '
const CSI =
  'MountVolume.SetUp failed for volume "pv-1" : rpc error: code = Internal desc = mount failed: exit status 32\nOutput: '

describe('efs-mount-failed: any file server', () => {
  it.each([
    `${KUBELET}mount.nfs: access denied by server while mounting 10.0.0.9:/export`,
    `${KUBELET}mount.nfs: mounting nas.example.com:/gone failed, reason given by server: No such file or directory`,
    `${CSI}mount.nfs: Failed to resolve server nas.example.com: Name or service not known`,
    `${CSI}Failed to resolve "fs-12345678.efs.eu-west-1.amazonaws.com" - check that your file system ID is correct`,
    `${KUBELET}mount: /var/lib/kubelet/pods/x: bad option; for several filesystems (e.g. nfs, cifs) you might need a /sbin/mount.<type> helper program.`,
  ])('gives its words: %s', async (words) => {
    const volumes = [{ name: 'pv-1', nfs: { server: '10.0.0.9', path: '/export' } }]
    const outcome = await evaluate(rule, { objects: [waits({ volumes }), notMounted(words)] })
    expect(subjectsOf(outcome)).toEqual(['StatefulSet shop/db'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof', affects: [{ name: 'db-0' }] })
  })

  it('is quiet about disks, and about what has started since', async () => {
    const disk = notMounted(
      'MountVolume.MountDevice failed for volume "pv-1" : rpc error: code = Internal desc = fsck found errors',
    )
    expect((await evaluate(rule, { objects: [waits(), disk] })).status).toBe('clear')
    const started = await evaluate(rule, { objects: [runs(), notMounted(`${KUBELET}mount.nfs: Connection timed out`)] })
    expect(started.findings).toEqual([])
    expect(started.rejections).toHaveLength(1)
  })

  it('does not speak of what was said hours ago, or of no pod, and denies nothing of a pod that waits', async () => {
    const words = `${KUBELET}mount.nfs: Connection timed out`
    const ofClaim = event('shop', 'PersistentVolumeClaim/data-db-0', 'FailedMount', words)
    for (const objects of [
      [waits(), notMounted(words, 'db-0', 7200)],
      [runs(), ofClaim],
    ])
      expect(await evaluate(rule, { objects })).toMatchObject({ findings: [], rejections: [] })
    expect(await evaluate(rule, { objects: [waits(), notMounted(words)] })).toMatchObject({
      status: 'fired',
      rejections: [],
    })
  })
})
