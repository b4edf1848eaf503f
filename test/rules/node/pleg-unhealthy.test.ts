import { describe, expect, it } from 'vitest'
import { plegUnhealthy } from '../../../src/rules/node/pleg-unhealthy.ts'
import { ago } from '../../incident/scene.ts'
import { event, node } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const TEXT = 'PLEG is not healthy: pleg was last seen active 4m12.5s ago; threshold is 3m0s'

describe('pleg-unhealthy', () => {
  it('names the node', async () => {
    const sick = node('node-1', {
      status: {
        conditions: [
          { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: TEXT, lastTransitionTime: ago(60) },
        ],
      },
    })
    const outcome = await evaluate(plegUnhealthy, { objects: [sick] })
    expect(subjectsOf(outcome)).toEqual(['Node node-1'])
    expect(outcome.findings[0]?.strength).toBe('proof')
  })

  it('rejects what is over', async () => {
    const over = event('', 'Node/node-1', 'NodeNotReady', TEXT, { last: 3000 })
    expect((await evaluate(plegUnhealthy, { objects: [node('node-1'), over] })).rejections).toHaveLength(1)
  })
})
