import { describe, expect, it } from 'vitest'
import { ebsAzMismatch as rule } from '../../../src/rules/storage/ebs-az-mismatch.ts'
import { ago, type Thing } from '../../incident/scene.ts'
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

  it('knows the wording of newer schedulers', async () => {
    const said = "0/1 nodes are available: 1 node(s) didn't match PersistentVolume's node affinity."
    const objects = [node('node-1'), claim(), on('kubernetes.io/hostname', 'node-9'), unplaced(), notPlaced(said)]
    expect((await evaluate(rule, { objects })).findings).toMatchObject([{ kind: 'cause', strength: 'proof' }])
  })

  it('sees without a word of the scheduler that no node is where the volume is', async () => {
    const judge = async (objects: readonly Thing[], ...denied: string[]) =>
      (await evaluate(rule, { objects: [...objects, claim(), unplaced()], denied: ['events', ...denied] })).findings
    const away = on('kubernetes.io/hostname', 'node-9')
    expect(await judge([node('node-1'), away])).toMatchObject([{ kind: 'cause', strength: 'strong' }])
    expect((await judge([node('node-1'), away]))[0]?.says).toBe(
      '1 pod of db finds no node: the volume pv-1 is bound to kubernetes.io/hostname node-9, and no node is there.',
    )
    expect(await judge([node('node-1'), on('kubernetes.io/hostname', 'node-1')])).toEqual([])
    expect(await judge([node('node-1'), volume()])).toEqual([])
    expect(await judge([node('node-1'), away], 'nodes')).toEqual([])
  })

  it('belongs to the node of the volume where that is ill', async () => {
    const ready = { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', lastTransitionTime: ago(900) }
    const ill = node('node-1', { status: { conditions: [ready] } })
    const objects = [ill, node('node-2'), claim(), on('kubernetes.io/hostname', 'node-1'), unplaced(), notPlaced(NOW)]
    const { findings } = await evaluate(rule, { objects })
    expect(findings).toMatchObject([
      { kind: 'mechanism', affects: [{ name: 'db-0' }, { kind: 'Node', name: 'node-1' }] },
    ])
  })
})
