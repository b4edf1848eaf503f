import { describe, expect, it } from 'vitest'
import { ebsVolumeLimitPerNode as rule } from '../../../src/rules/storage/ebs-volume-limit-per-node.ts'
import { node } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { claim, notAttached, notPlaced, runs, unplaced, waits } from './volumes.ts'

const FULL = '0/1 nodes are available: 1 node(s) exceed max volume count.'

describe('ebs-volume-limit-per-node: scheduler and cloud', () => {
  it('knows both wordings', async () => {
    const refused = notAttached(
      'AttachVolume.Attach failed for volume "pv-1" : rpc error: code = Internal desc = Could not attach volume "vol-1" to node "i-1": AttachmentLimitExceeded',
    )
    for (const objects of [
      [node('node-1'), claim(), unplaced(), notPlaced(FULL)],
      [node('node-1'), claim(), waits(), refused],
    ]) {
      const outcome = await evaluate(rule, { objects })
      expect(subjectsOf(outcome)).toEqual(['StatefulSet shop/db'])
      expect(outcome.findings[0]?.affects).toMatchObject([{ name: 'db-0' }])
    }
  })

  it('is quiet about other reasons, about a pod that runs, and about long ago', async () => {
    const other = notPlaced('0/1 nodes are available: 1 node(s) had volume node affinity conflict.')
    expect((await evaluate(rule, { objects: [node('node-1'), claim(), unplaced(), other] })).status).toBe('clear')
    const started = await evaluate(rule, { objects: [node('node-1'), claim(), runs(), notPlaced(FULL)] })
    expect(started.findings).toEqual([])
    const old = await evaluate(rule, { objects: [node('node-1'), claim(), unplaced(), notPlaced(FULL, 3000)] })
    expect(old.findings).toEqual([])
  })
})
