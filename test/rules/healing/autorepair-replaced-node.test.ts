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
})
