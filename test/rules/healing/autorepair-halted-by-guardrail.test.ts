import { describe, expect, it } from 'vitest'
import { autorepairHaltedByGuardrail } from '../../../src/rules/healing/autorepair-halted-by-guardrail.ts'
import { ago } from '../../incident/scene.ts'
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

  it('is quiet once the repair was let go again', async () => {
    const over = { ...blocked, firstTimestamp: ago(7200), lastTimestamp: ago(7200) }
    expect((await evaluate(autorepairHaltedByGuardrail, { objects: [node('node-1'), over] })).status).toBe('clear')
  })

  it('names the nodes that are sick, and only them', async () => {
    const sick = node('node-2', { status: { conditions: [{ type: 'Ready', status: 'False' }] } })
    const { findings } = await evaluate(autorepairHaltedByGuardrail, { objects: [node('node-1'), sick, blocked] })
    expect(findings[0]).toMatchObject({ affects: [{ kind: 'Node', name: 'node-2' }] })
    expect(findings[0]?.says).toContain('1 of 2 nodes are not ready (node-2)')
  })
})
