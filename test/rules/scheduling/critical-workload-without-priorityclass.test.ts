import { describe, expect, it } from 'vitest'
import { criticalWorkloadWithoutPriorityclass } from '../../../src/rules/scheduling/critical-workload-without-priorityclass.ts'
import { node } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { running, waiting } from './waiting.ts'

const NAME = 'shop/web-6c8f7d9b5-abcde'
const objects = [node('node-1'), running('shop/other-7d4f8b9c6-aaaaa', 'node-1', { cpu: '3500m' })]
const without = (words: string) =>
  `0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 ${words}.`

describe('critical-workload-without-priorityclass', () => {
  it.each(['No preemption victims found for incoming pod', 'No victims found for incoming pods'])(
    'makes it worse that nobody may be removed: %s',
    async (words) => {
      const outcome = await evaluate(criticalWorkloadWithoutPriorityclass, {
        objects: [...objects, waiting(NAME, without(words), { requests: { cpu: '1' } })],
      })
      expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
      expect(outcome.findings[0]?.kind).toBe('amplifier')
    },
  )

  it('is quiet when preemption would not help, and when the pod has a priority', async () => {
    const spec = { priority: 1000, priorityClassName: 'core' }
    for (const one of [
      waiting(NAME, without('Preemption is not helpful for scheduling'), { requests: { cpu: '1' } }),
      waiting(NAME, without('No preemption victims found for incoming pod'), { requests: { cpu: '1' }, spec }),
    ])
      expect((await evaluate(criticalWorkloadWithoutPriorityclass, { objects: [...objects, one] })).findings).toEqual(
        [],
      )
  })

  it('is quiet while the scheduler has not said that it found nobody to remove', async () => {
    const one = waiting(NAME, '0/1 nodes are available: 1 Insufficient cpu.', { requests: { cpu: '1' } })
    expect(await evaluate(criticalWorkloadWithoutPriorityclass, { objects: [...objects, one] })).toMatchObject({
      findings: [],
      rejections: [],
    })
  })
})
