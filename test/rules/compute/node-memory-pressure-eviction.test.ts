import { describe, expect, it } from 'vitest'
import { nodeMemoryPressureEviction } from '../../../src/rules/compute/node-memory-pressure-eviction.ts'
import { ago } from '../../incident/scene.ts'
import { event, node, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const NEW =
  'The node was low on resource: memory. Threshold quantity: 100Mi, available: 52Mi. Container app was using 2Gi, request is 0, has larger consumption of memory. '
const OLD = 'The node was low on resource: memory. Container app was using 2Gi, which exceeds its request of 0. '

function evicted(message: string, seconds: number) {
  return pod('shop/hog-1', {
    ready: false,
    status: {
      phase: 'Failed',
      reason: 'Evicted',
      message,
      conditions: [{ type: 'DisruptionTarget', status: 'True', lastTransitionTime: ago(seconds) }],
    },
  })
}

describe('node-memory-pressure-eviction', () => {
  it.each([NEW, OLD])('names the node that evicted: %s', async (message) => {
    const outcome = await evaluate(nodeMemoryPressureEviction, { objects: [node('node-1'), evicted(message, 300)] })
    expect(subjectsOf(outcome)).toEqual(['Node node-1'])
    expect(outcome.findings[0]?.says).toContain('hog-1/app was using 2Gi with a request of 0')
  })

  it('is quiet about a pod that was evicted yesterday, and about a disk', async () => {
    expect(
      (await evaluate(nodeMemoryPressureEviction, { objects: [node('node-1'), evicted(NEW, 90_000)] })).status,
    ).toBe('clear')
    const disk = NEW.replaceAll('memory', 'ephemeral-storage')
    expect((await evaluate(nodeMemoryPressureEviction, { objects: [node('node-1'), evicted(disk, 300)] })).status).toBe(
      'clear',
    )
  })

  it('rejects a pressure that passed and evicted nobody', async () => {
    const passed = event(
      '',
      'Node/node-1',
      'NodeHasInsufficientMemory',
      'Node node-1 status is now: NodeHasInsufficientMemory',
      { type: 'Normal', last: 2400 },
    )
    const outcome = await evaluate(nodeMemoryPressureEviction, { objects: [node('node-1'), passed] })
    expect([outcome.status, outcome.rejections.length]).toEqual(['clear', 1])
  })
})
