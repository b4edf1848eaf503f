import { describe, expect, it } from 'vitest'
import { ebsAzMismatch as rule } from '../../../src/rules/storage/ebs-az-mismatch.ts'
import { node } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { claim, notPlaced, unplaced, volume } from './volumes.ts'

const on = (key: string, value: string) =>
  volume({
    nodeAffinity: {
      required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values: [value] }] }] },
    },
  })
const NOW =
  '0/2 nodes are available: 2 node(s) had volume node affinity conflict. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.'
const MIXED = '0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had volume node affinity conflict.'

describe('ebs-az-mismatch: any volume that is bound to a place', () => {
  it.each([
    ['a local volume of a node that is gone', 'kubernetes.io/hostname', 'node-9'],
    ['a zone of any driver', 'topology.disk.csi.example.com/zone', 'zone-x'],
  ])('is proven for %s', async (_, key, value) => {
    const objects = [node('node-1'), node('node-2'), claim(), on(key, value), unplaced(), notPlaced(NOW)]
    const outcome = await evaluate(rule, { objects })
    expect(subjectsOf(outcome)).toEqual(['StatefulSet shop/db'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof', affects: [{ name: 'db-0' }] })
    expect(outcome.findings[0]?.says).toContain(value)
  })

  it('blames no volume where the node of it is full or cordoned', async () => {
    const there = node('node-1', { spec: { unschedulable: true } })
    const objects = [
      there,
      node('node-2'),
      claim(),
      on('kubernetes.io/hostname', 'node-1'),
      unplaced(),
      notPlaced(MIXED),
    ]
    const outcome = await evaluate(rule, { objects })
    expect(outcome.findings[0]).toMatchObject({ kind: 'mechanism' })
    expect(outcome.findings[0]?.says).toContain('cordoned')
  })

  it('proves nothing without nodes, and says nothing of long ago', async () => {
    const objects = [node('node-1'), claim(), on('kubernetes.io/hostname', 'node-9'), unplaced(), notPlaced(NOW)]
    expect((await evaluate(rule, { objects, denied: ['nodes'] })).findings[0]?.strength).toBe('strong')
    const old = [...objects.slice(0, -1), notPlaced(NOW, 3000)]
    expect((await evaluate(rule, { objects: old })).findings).toEqual([])
  })
})
