import { describe, expect, it } from 'vitest'
import { nodePodDensityLimit } from '../../../src/rules/scheduling/node-pod-density-limit.ts'
import { node } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { running, waiting } from './waiting.ts'

const NAME = 'shop/web-6c8f7d9b5-abcde'
const small = node('node-1', { status: { allocatable: { pods: '2' } } })
const others = ['aaaaa', 'bbbbb'].map((id) => running(`shop/other-7d4f8b9c6-${id}`, 'node-1', { cpu: '100m' }))

describe('node-pod-density-limit', () => {
  it.each(['0/1 nodes are available: 1 Too many pods.', '0/1 nodes are available: 1 Insufficient pods.'])(
    'counts the pods of the node: %s',
    async (message) => {
      const outcome = await evaluate(nodePodDensityLimit, { objects: [small, ...others, waiting(NAME, message)] })
      expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
      expect(outcome.findings[0]?.strength).toBe('proof')
      expect(outcome.findings[0]?.says).toContain('node-1 runs 2 of 2')
    },
  )

  it('leaves it to capacity where the nodes lack CPU as well', async () => {
    const message = '0/1 nodes are available: 1 Insufficient cpu, 1 Too many pods.'
    const outcome = await evaluate(nodePodDensityLimit, {
      objects: [small, ...others, waiting(NAME, message, { requests: { cpu: '8' } })],
    })
    expect(outcome.findings).toEqual([])
  })
})
