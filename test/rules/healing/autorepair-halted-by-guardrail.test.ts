import { describe, expect, it } from 'vitest'
import { autorepairHaltedByGuardrail } from '../../../src/rules/healing/autorepair-halted-by-guardrail.ts'
import { event, node } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const blocked = event(
  '',
  'NodePool/general',
  'NodeRepairBlocked',
  'more than 20% of nodes are unhealthy in the nodepool',
)

describe('autorepair-halted-by-guardrail', () => {
  it('speaks for a shared cause', async () => {
    const outcome = await evaluate(autorepairHaltedByGuardrail, { objects: [node('node-1'), blocked] })
    expect(subjectsOf(outcome)).toEqual(['NodePool general'])
    expect(outcome.findings[0]?.says).toContain('a cause that they share')
  })

  it('is quiet without such an event', async () => {
    expect(
      (
        await evaluate(autorepairHaltedByGuardrail, {
          objects: [node('node-1'), event('', 'Node/node-1', 'Starting', 'Starting kubelet.')],
        })
      ).status,
    ).toBe('clear')
  })
})
