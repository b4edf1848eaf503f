import { describe, expect, it } from 'vitest'
import { affinityOrSelectorMismatch } from '../../../src/rules/scheduling/affinity-or-selector-mismatch.ts'
import { node } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { waiting } from './waiting.ts'

const NAME = 'shop/web-6c8f7d9b5-abcde'
const spec = { nodeSelector: { disktype: 'ssd' } }

describe('affinity-or-selector-mismatch', () => {
  it.each([
    "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
    "0/1 nodes are available: 1 node(s) didn't match node selector.",
  ])('names the label that no node has: %s', async (message) => {
    const objects = [node('node-1', { metadata: { labels: { disktype: 'hdd' } } }), waiting(NAME, message, { spec })]
    const outcome = await evaluate(affinityOrSelectorMismatch, { objects })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.findings[0]?.says).toContain('disktype=ssd')
    expect(outcome.findings[0]?.says).toContain('nodes have disktype hdd')
  })

  it('is quiet when a node matches and is full', async () => {
    const message = "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match Pod's node affinity/selector."
    const objects = [
      node('node-1', { metadata: { labels: { disktype: 'ssd' } } }),
      node('node-2'),
      waiting(NAME, message, { spec }),
    ]
    const outcome = await evaluate(affinityOrSelectorMismatch, { objects })
    expect(outcome.findings).toEqual([])
    expect(outcome.rejections).toHaveLength(1)
  })

  it('reads required affinity', async () => {
    const terms = [{ matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: ['zone-c'] }] }]
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } }
    const message = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity."
    const outcome = await evaluate(affinityOrSelectorMismatch, {
      objects: [node('node-1'), waiting(NAME, message, { spec: { affinity } })],
    })
    expect(outcome.findings[0]?.says).toContain('topology.kubernetes.io/zone In [zone-c]')
  })
})
