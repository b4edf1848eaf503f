import { describe, expect, it } from 'vitest'
import { rootVolumeIoThrottled } from '../../../src/rules/disk/root-volume-io-throttled.ts'
import { crashed, event, node, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const slow = event(
  '',
  'Node/node-1',
  'IODelays',
  'Process containerd (pid 812) has a total of 42.1 seconds of delays',
  { first: 3500, last: 60 },
)
const sick = pod('shop/web-1', { ready: false, containers: [{ status: crashed() }] })

describe('root-volume-io-throttled', () => {
  it('names the node whose disk is slow while pods on it suffer', async () => {
    const outcome = await evaluate(rootVolumeIoThrottled, { objects: [node('node-1'), slow, sick] })
    expect(subjectsOf(outcome)).toEqual(['Node node-1'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
  })

  it('calls it a risk where nothing suffers, and leaves the volume of a claim to another rule', async () => {
    expect((await evaluate(rootVolumeIoThrottled, { objects: [node('node-1'), slow] })).findings[0]?.kind).toBe('risk')
    const data = event('', 'Node/node-1', 'EBSVolumeIOPSExceeded', 'EBS volume nvme2n1 exceeded its IOPS')
    expect((await evaluate(rootVolumeIoThrottled, { objects: [node('node-1'), data, sick] })).status).toBe('clear')
  })
})
