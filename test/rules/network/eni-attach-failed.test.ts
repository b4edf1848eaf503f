import { describe, expect, it } from 'vitest'
import { eniAttachFailed } from '../../../src/rules/network/eni-attach-failed.ts'
import { subnetIpExhaustion } from '../../../src/rules/network/subnet-ip-exhaustion.ts'
import { type CountedAddresses, ipamd } from '../../incident/node-answers.ts'
import { event, node, pod, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { agent, agentLogs, stuck, waiting } from './addresses.ts'

const DENIED = event(
  'kube-system',
  'Pod/aws-node-n1',
  'MissingIAMPermissions',
  'Unauthorized operation: failed to call ec2:CreateNetworkInterface due to missing permissions. Please refer https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/iam-policy.md',
  { component: 'aws-node' },
)

describe('eni-attach-failed', () => {
  it.each([
    'Failed to increase pool size due to not able to allocate ENI, AccessDenied',
    'awsGetFreeDeviceNumber: no available device number',
    'AttachmentLimitExceeded: Interface count 5 exceeds the limit for c5.xlarge',
  ])('is what the agent logs while pods wait: %s', async (words) => {
    expect(subjectsOf(await evaluate(eniAttachFailed, { objects: stuck, logs: agentLogs(words) }))).toEqual([
      'DaemonSet kube-system/aws-node',
    ])
  })

  it('is the event of a permission that is missing, and then not a subnet that is full', async () => {
    const scene = { objects: [...stuck, DENIED] }
    expect((await evaluate(eniAttachFailed, scene)).findings[0]?.says).toContain('ec2:CreateNetworkInterface')
    expect((await evaluate(subnetIpExhaustion, scene)).status).toBe('clear')
    expect((await evaluate(subnetIpExhaustion, { objects: stuck })).status).toBe('fired')
  })

  it('is quiet where no pod waits, and where the agent says nothing', async () => {
    expect((await evaluate(eniAttachFailed, { objects: [node('n1'), agent('n1'), DENIED] })).status).toBe('clear')
    expect((await evaluate(eniAttachFailed, { objects: stuck })).status).toBe('clear')
  })

  it('is not a right that another controller lacks', async () => {
    const place = 'kube-system/ebs-csi-controller-1'
    const logs = agentLogs('You are not authorized to perform this operation', place)
    expect((await evaluate(eniAttachFailed, { objects: [...stuck, pod(place)], logs })).status).toBe('clear')
  })

  it('is not a subnet without addresses', async () => {
    const words = 'Failed to increase pool size due to not able to allocate ENI InsufficientFreeAddressesInSubnet: none'
    const outcome = await evaluate(eniAttachFailed, { objects: stuck, logs: agentLogs(words) })
    expect([outcome.status, outcome.rejections.length]).toEqual(['clear', 1])
  })

  describe('by what agents count', () => {
    const objects = [node('n1'), agent('n1'), workload('DaemonSet', 'kube-system/aws-node'), waiting('web-1', 'n1')]
    const find = (more: CountedAddresses) =>
      evaluate(eniAttachFailed, { objects, files: ipamd('n1', { sentAway: [3, 7], ...more }) })

    it.each<[string, CountedAddresses]>([
      ['UnauthorizedOperation', { refused: { 'CreateNetworkInterface UnauthorizedOperation': [4, 5] } }],
      ['has all 3 interfaces that it may have', { interfaces: 3, total: 15, assigned: 15 }],
    ])('is likely where pods are sent away: %s', async (words, more) => {
      const { findings } = await find(more)
      expect(findings).toMatchObject([{ strength: 'strong' }])
      expect(findings[0]?.says).toContain(words)
    })

    it('is quiet where a node has several network cards, of which the figures tell one', async () => {
      const cards = '{"0":{"TotalIPs":5,"AssignedIPs":5,"ENIs":{}},"1":{"TotalIPs":15,"AssignedIPs":15,"ENIs":{}}}'
      const files = {
        ...ipamd('n1', { sentAway: [3, 7], interfaces: 3, total: 15, assigned: 15 }),
        'nodes/n1/1/cni/enis.json': cards,
      }
      expect((await evaluate(eniAttachFailed, { objects, files })).findings).toEqual([])
    })

    it.each<[string, CountedAddresses]>([
      ['tags are refused', { refused: { 'CreateTags UnauthorizedOperation': [4, 5] } }],
      ['all its interfaces have addresses left', { interfaces: 3, total: 15, assigned: 9, sentAway: 3 }],
      [
        'the subnet is full',
        {
          refused: {
            'CreateNetworkInterface UnauthorizedOperation': [4, 5],
            'AssignPrivateIpAddresses InsufficientFreeAddressesInSubnet': [4, 5],
          },
        },
      ],
      ['its interfaces take more addresses', { interfaces: 3, total: 14, assigned: 14 }],
    ])('is quiet where %s', async (_, more) => {
      expect((await find(more)).findings).toEqual([])
    })
  })
})
