import { describe, expect, it } from 'vitest'
import { nodeImageRegression } from '../../../src/rules/rollout/node-image-regression.ts'
import { ago } from '../../incident/scene.ts'
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

  const of = (name: string, kernelVersion: string, ready: boolean, zone: string, created = 604_800) =>
    node(name, {
      metadata: { creationTimestamp: ago(created), labels: { 'topology.kubernetes.io/zone': zone } },
      status: {
        nodeInfo: { kernelVersion },
        ...(ready ? {} : { conditions: [{ type: 'Ready', status: 'Unknown', reason: 'x', message: '' }] }),
      },
    })
  const many = (names: string, ...rest: [string, boolean, string, number?]) =>
    [...names].map((name) => of(`n-${name}`, ...rest))

  it.each([
    ['they are the nodes of one zone', [...many('abc', '6.8.0', false, 'z-b'), ...many('def', '6.1.0', true, 'z-a')]],
    ['they are the old ones', [...many('abc', '6.1.0', false, 'z-a'), ...many('def', '6.8.0', true, 'z-a', 900)]],
  ])('is quiet where %s', async (_, objects) => {
    expect((await evaluate(nodeImageRegression, { objects })).findings).toEqual([])
  })

  it('is not misled by one ill node of another image', async () => {
    const objects = [
      ...many('a', '6.1.0', false, 'z-a'),
      ...many('bcde', '6.8.0', false, 'z-a', 900),
      ...many('fghijkl', '6.1.0', true, 'z-a'),
    ]
    const outcome = await evaluate(nodeImageRegression, { objects })
    expect(outcome.findings[0]?.says).toContain('4 of 4 nodes with kernel 6.8.0 are ill, and 1 of 8 others')
  })

  it('does not begin to compare where fewer than three nodes are ill, or all of them', async () => {
    const ill = (...names: string[]) => names.map((name) => nodeOf(name, '6.8.0', false))
    for (const objects of [well, [...well, ...ill('a', 'b')], ill('a', 'b', 'c')])
      expect(await evaluate(nodeImageRegression, { objects })).toMatchObject({ status: 'clear', rejections: [] })
  })
})
