import { describe, expect, it } from 'vitest'
import { preemptedByHigherPriority } from '../../../src/rules/scheduling/preempted-by-higher-priority.ts'
import { event, pod, replicaSet, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { waiting } from './waiting.ts'

const winner = pod('core/pay-7d4f8b9c6-aaaaa', {
  owner: 'ReplicaSet/pay-7d4f8b9c6',
  spec: { priority: 1000, priorityClassName: 'core' },
})
const lost = (message: string, last = 300) =>
  event('shop', 'Pod/web-6c8f7d9b5-zzzzz', 'Preempted', message, { last, component: 'default-scheduler' })
const owners = [
  workload('Deployment', 'shop/web', { status: { readyReplicas: 0 } }),
  replicaSet('shop/web-6c8f7d9b5', 'web', 1),
]
const replacement = waiting('shop/web-6c8f7d9b5-abcde', '0/1 nodes are available: 1 Insufficient cpu.')

describe('preempted-by-higher-priority', () => {
  it.each([
    'Preempted by pod uid-pay-7d4f8b9c6-aaaaa on node node-1',
    'Preempted by core/pay-7d4f8b9c6-aaaaa on node node-1',
  ])('names the victim and the winner: %s', async (message) => {
    const outcome = await evaluate(preemptedByHigherPriority, {
      objects: [winner, lost(message), ...owners, replacement],
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]?.says).toContain('for Deployment core/pay, of priority 1000 (core)')
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Pod', namespace: 'shop', name: 'web-6c8f7d9b5-abcde' })
  })

  it('is quiet when replacements run', async () => {
    const well = workload('Deployment', 'shop/web')
    const objects = [
      winner,
      lost('Preempted by a pod on node node-1'),
      well,
      replicaSet('shop/web-6c8f7d9b5', 'web', 1),
      pod('shop/web-6c8f7d9b5-abcde', { owner: 'ReplicaSet/web-6c8f7d9b5' }),
    ]
    const outcome = await evaluate(preemptedByHigherPriority, { objects })
    expect(outcome.findings).toEqual([])
    expect(outcome.rejections).toHaveLength(1)
  })

  it('is quiet about evictions by the kubelet', async () => {
    const objects = [
      event('shop', 'Pod/web-6c8f7d9b5-zzzzz', 'Evicted', 'The node was low on resource: memory.'),
      ...owners,
      replacement,
    ]
    expect((await evaluate(preemptedByHigherPriority, { objects })).status).toBe('clear')
  })

  it('leaves the preemption of whole jobs to those who queue them', async () => {
    const queued = event('shop', 'Workload/import', 'Preempted', 'Preempted by pod uid-x on node node-1')
    expect(await evaluate(preemptedByHigherPriority, { objects: [queued, ...owners, replacement] })).toMatchObject({
      findings: [],
      rejections: [],
    })
  })
})
