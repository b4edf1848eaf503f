import { describe, expect, it } from 'vitest'
import { type HealedNode, healDeadlineOf, tellDeadline } from '../../src/healing/deadline.ts'

const NOW = Date.parse('2026-02-01T12:00:00Z')
const sick = (type = 'Ready', status = 'Unknown') => ({ type, status, lastTransitionTime: '2026-02-01T11:48:00Z' })
const NODE: HealedNode = { labels: {}, conditions: [sick()], taints: [] }

function told(node: Partial<HealedNode>): string | undefined {
  const deadline = healDeadlineOf({ ...NODE, ...node })
  return deadline && `${tellDeadline(deadline, NOW)} by ${deadline.by}: ${deadline.because}`
}

describe('the deadline of a node', () => {
  it.each<[string, Partial<HealedNode>, string]>([
    [
      'of EKS Auto Mode is half an hour after it became unwell',
      { labels: { 'eks.amazonaws.com/compute-type': 'auto', 'karpenter.sh/nodepool': 'general' } },
      'in about 18 min by EKS Auto Mode: its condition Ready is Unknown',
    ],
    [
      'with broken accelerators is ten minutes',
      { labels: { 'eks.amazonaws.com/nodegroup': 'gpu' }, conditions: [sick('AcceleratedHardwareReady', 'False')] },
      'at any moment by node auto repair of its node group, if that is enabled: its condition AcceleratedHardwareReady is False',
    ],
    [
      'that the autoscaler takes away is the end of the grace of its pods',
      { taints: [{ key: 'ToBeDeletedByClusterAutoscaler', value: String(NOW / 1000 - 60) }] },
      'in about 9 min by the cluster autoscaler: it has the taint ToBeDeletedByClusterAutoscaler',
    ],
    [
      'whose NodeClaim is terminated is what Karpenter has written on it',
      { claim: { annotations: { 'karpenter.sh/nodeclaim-termination-timestamp': '2026-02-01T12:05:00Z' } } },
      'in about 5 min by Karpenter: its NodeClaim is being terminated',
    ],
    [
      'whose NodeClaim expires is its age',
      { claim: { annotations: {}, created: '2026-01-02T13:00:00Z', expireAfter: '720h' } },
      'in about 60 min by Karpenter: its NodeClaim expires after 720h',
    ],
    [
      'that is deleted is now',
      { deleted: '2026-02-01T11:59:50Z' },
      'within a minute by whoever deleted it: its object is being deleted',
    ],
    [
      'is the first of several',
      {
        labels: { 'karpenter.sh/nodepool': 'a' },
        claim: { annotations: { 'karpenter.sh/nodeclaim-termination-timestamp': '2026-02-01T12:05:00Z' } },
      },
      'in about 5 min by Karpenter: its NodeClaim is being terminated',
    ],
  ])('%s', (_, node, says) => expect(told(node)).toBe(says))

  it.each<[string, Partial<HealedNode>]>([
    ['that nobody repairs', {}],
    ['that is well', { labels: { 'eks.amazonaws.com/compute-type': 'auto' }, conditions: [sick('Ready', 'True')] }],
    [
      'that is short of memory: EKS waits for ever',
      { labels: { 'eks.amazonaws.com/nodegroup': 'a' }, conditions: [sick('MemoryPressure', 'True')] },
    ],
    [
      'whose NodeClaim never expires',
      { claim: { annotations: {}, created: '2026-01-02T13:00:00Z', expireAfter: 'Never' } },
    ],
    ['whose times cannot be read', { deleted: 'soon', taints: [{ key: 'ToBeDeletedByClusterAutoscaler' }] }],
  ])('is unknown of one %s', (_, node) => expect(told(node)).toBeUndefined())
})
