import { describe, expect, it } from 'vitest'
import { unhealthyNodes } from '../../../src/rules/generic/unhealthy-nodes.ts'
import { instanceRetirementOrHardware } from '../../../src/rules/node/instance-retirement-or-hardware.ts'
import { ago } from '../../incident/scene.ts'
import { event, node, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const off = event('', 'Node/node-1', 'NodeNotReady', 'node is shutting down', { type: 'Normal' })

describe('instance-retirement-or-hardware', () => {
  it('names a machine that is off, and what ran there', async () => {
    const gone = node('node-1', {
      status: {
        conditions: [
          { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: '', lastTransitionTime: ago(60) },
        ],
      },
    })
    const outcome = await evaluate(instanceRetirementOrHardware, {
      objects: [gone, off, pod('shop/web-1', { ready: false })],
    })
    expect(subjectsOf(outcome)).toEqual(['Node node-1'])
    expect(outcome.findings[0]?.kind).toBe('cause')
  })

  it('calls a plan a risk', async () => {
    const planned = event('', 'Node/node-1', 'ScheduledEvent', 'system-reboot at 2026-02-10T00:00:00Z')
    expect(
      (await evaluate(instanceRetirementOrHardware, { objects: [node('node-1'), planned] })).findings[0]?.kind,
    ).toBe('risk')
  })

  it('reads a restart that AKS plans, and is quiet of a freeze of seconds', async () => {
    const says = (kind: string) => `${kind} Scheduled: Sun, 01 Feb 2026 12:05:00 GMT`
    const of = async (kind: string) => {
      const planned = event('', 'Node/node-1', `${kind}Scheduled`, says(kind))
      return (await evaluate(instanceRetirementOrHardware, { objects: [node('node-1'), planned] })).findings
    }
    expect(await of('Reboot')).toMatchObject([{ kind: 'risk' }])
    expect(await of('Freeze')).toEqual([])
    const condition = { type: 'VMEventScheduled', status: 'True', reason: 'VMEventScheduled', message: says('Freeze') }
    const frozen = node('node-1', { status: { conditions: [{ type: 'Ready', status: 'True' }, condition] } })
    expect((await evaluate(unhealthyNodes, { objects: [frozen] })).findings).toEqual([])
  })
})
