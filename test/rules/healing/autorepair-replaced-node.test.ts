import { describe, expect, it } from 'vitest'
import { autorepairReplacedNode } from '../../../src/rules/healing/autorepair-replaced-node.ts'
import { event, node } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const sick = event('', 'Node/node-9', 'NodeNotReady', 'Node node-9 status is now: NodeNotReady', { last: 2400 })
const removed = event('', 'Node/node-9', 'RemovingNode', 'Node node-9 event: Removing Node node-9 from Controller', {
  last: 600,
  type: 'Normal',
})

describe('autorepair-replaced-node', () => {
  it('says what was lost, and when', async () => {
    const outcome = await evaluate(autorepairReplacedNode, { objects: [node('node-1'), sick, removed] })
    expect(subjectsOf(outcome)).toEqual(['Node node-9'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'evidence-loss' })
    expect(outcome.findings[0]?.says).toContain('30 min later')
  })

  it('rejects a scale-in and an interruption, and is quiet while the node is there', async () => {
    const spot = event('', 'Node/node-9', 'SpotInterrupted', 'Spot interruption warning was triggered for the node')
    for (const objects of [
      [node('node-1'), removed],
      [node('node-1'), sick, removed, spot],
    ])
      expect(await evaluate(autorepairReplacedNode, { objects })).toMatchObject({
        status: 'clear',
        rejections: [{ kind: 'rejected' }],
      })
    expect((await evaluate(autorepairReplacedNode, { objects: [node('node-9'), sick, removed] })).rejections).toEqual(
      [],
    )
  })

  it('does not take the sickness of another node, or of a later one of the name, for the reason', async () => {
    const other = event('', 'Node/node-8', 'NodeNotReady', 'Node node-8 status is now: NodeNotReady', { last: 2400 })
    const later = event('', 'Node/node-9', 'NodeNotReady', 'Node node-9 status is now: NodeNotReady', { last: 300 })
    for (const one of [other, later])
      expect(
        (await evaluate(autorepairReplacedNode, { objects: [node('node-1'), one, removed] })).rejections,
      ).toMatchObject([{ subject: { name: 'node-9' }, says: 'It was removed, and nothing says that it was sick.' }])
  })

  it('counts the removal of a claim once, at its node', async () => {
    const claim = event('', 'NodeClaim/general-x7k2p', 'DisruptionTerminating', 'Disrupting NodeClaim: Empty', {
      type: 'Normal',
    })
    const { rejections } = await evaluate(autorepairReplacedNode, { objects: [node('node-1'), claim, removed] })
    expect(rejections.map(({ subject }) => subject?.name)).toEqual(['node-9'])
  })
})
