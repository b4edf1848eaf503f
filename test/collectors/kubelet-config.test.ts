import { describe, expect, it } from 'vitest'
import { kubeletConfig } from '../../collectors/kubelet-config.ts'
import { collect, files, nodeTarget } from './collect.ts'

describe('kubelet-config', () => {
  it('keeps what the kubelet answers, once for all samples, with how it was reached', async () => {
    const kubelet = (path: string) => `answer to ${path}`
    const collected = await collect(kubeletConfig, () => {}, { target: nodeTarget(), sample: 1, kubelet })
    expect(files(collected)).toEqual({
      'nodes/n1/once/kubelet-config/configz.json': 'answer to /configz',
    })
    expect(collected.evidence[0]?.obtained).toMatchObject({ way: 'direct', monotonicMs: expect.any(Number) })
  })
})
