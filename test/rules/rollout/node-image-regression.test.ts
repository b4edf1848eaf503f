import { describe, expect, it } from 'vitest'
import { nodeImageRegression } from '../../../src/rules/rollout/node-image-regression.ts'
import { node } from '../../incident/things.ts'
import { evaluate } from '../check.ts'

const nodeOf = (name: string, kernelVersion: string, ready: boolean) =>
  node(name, {
    status: {
      nodeInfo: { kernelVersion },
      ...(ready ? {} : { conditions: [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: '' }] }),
    },
  })
const well = [1, 2, 3, 4].map((index) => nodeOf(`old-${index}`, '6.1.0', true))

describe('node-image-regression', () => {
  it('names what only ill nodes have', async () => {
    const ill = [1, 2, 3].map((index) => nodeOf(`new-${index}`, '6.8.0', false))
    const outcome = await evaluate(nodeImageRegression, { objects: [...well, ...ill] })
    expect(outcome.findings[0]?.says).toContain('3 of 3 nodes with kernel 6.8.0 are ill, and 0 of 4 others')
  })

  it('is quiet when ill nodes have what the others have, and about two of them', async () => {
    const same = [1, 2, 3].map((index) => nodeOf(`new-${index}`, '6.1.0', false))
    expect((await evaluate(nodeImageRegression, { objects: [...well, ...same] })).findings).toEqual([])
    const two = [1, 2].map((index) => nodeOf(`new-${index}`, '6.8.0', false))
    expect((await evaluate(nodeImageRegression, { objects: [...well, ...two] })).findings).toEqual([])
  })
})
