import { describe, expect, it } from 'vitest'
import { gpuHardwareError } from '../../../src/rules/node/gpu-hardware-error.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, event, node, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

describe('gpu-hardware-error', () => {
  it('names the node whose accelerator is broken', async () => {
    const condition = {
      type: 'AcceleratedHardwareReady',
      status: 'False',
      reason: 'NvidiaXID79Error',
      message: 'Detected XID error 79',
      lastTransitionTime: ago(600),
    }
    const outcome = await evaluate(gpuHardwareError, {
      objects: [node('node-1', { status: { conditions: [condition] } })],
    })
    expect(subjectsOf(outcome)).toEqual(['Node node-1'])
    expect(outcome.findings[0]?.strength).toBe('proof')
  })

  it('rejects what programs bring about', async () => {
    const warning = event('', 'Node/node-1', 'NvidiaXID31Warning', 'Detected XID warning 31')
    const sick = pod('shop/train-1', { ready: false, containers: [{ status: crashed() }] })
    expect((await evaluate(gpuHardwareError, { objects: [node('node-1'), warning, sick] })).rejections).toHaveLength(1)
  })
})
