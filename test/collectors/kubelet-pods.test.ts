import { describe, expect, it } from 'vitest'
import { kubeletPods } from '../../collectors/kubelet-pods.ts'
import { collect, files, nodeTarget } from './collect.ts'

describe('kubelet-pods', () => {
  it('keeps what the kubelet answers, once for all samples, with how it was reached', async () => {
    const kubelet = (path: string) => `answer to ${path}`
    const collected = await collect(kubeletPods, () => {}, { target: nodeTarget(), sample: 1, kubelet })
    expect(files(collected)).toEqual({
      'nodes/n1/once/kubelet-pods/pods.json': 'answer to /pods',
      'nodes/n1/once/kubelet-pods/runningpods.json': 'answer to /runningpods/',
    })
    expect(collected.evidence[0]?.obtained).toMatchObject({ way: 'direct', monotonicMs: expect.any(Number) })
  })
})
