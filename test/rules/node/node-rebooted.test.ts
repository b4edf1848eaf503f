import { describe, expect, it } from 'vitest'
import { nodeRebooted } from '../../../src/rules/node/node-rebooted.ts'
import { crashed, event, node, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const boot = event(
  '',
  'Node/node-1',
  'Rebooted',
  'Node node-1 has been rebooted, boot id: 0b2f5c1e-6a3f-4d7e-9d1a-2f6f0c9a1b11',
  { last: 1200 },
)
const restarted = (at: number) =>
  pod('shop/web-1', {
    containers: [
      { status: { restartCount: 1, lastState: crashed({ at, reason: 'Unknown', exitCode: 255 }).lastState } },
    ],
  })

describe('node-rebooted', () => {
  it('names the node with which its containers ended', async () => {
    const outcome = await evaluate(nodeRebooted, { objects: [node('node-1'), boot, restarted(1260)] })
    expect(subjectsOf(outcome)).toEqual(['Node node-1'])
  })

  it('rejects a reboot that nothing on the node suffers from, or that was long before', async () => {
    expect(
      (await evaluate(nodeRebooted, { objects: [node('node-1'), boot, pod('shop/web-1')] })).rejections,
    ).toHaveLength(1)
    expect((await evaluate(nodeRebooted, { objects: [node('node-1'), boot, restarted(60)] })).status).toBe('clear')
  })
})
