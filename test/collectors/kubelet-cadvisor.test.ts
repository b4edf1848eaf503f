import { describe, expect, it } from 'vitest'
import { kubeletCadvisor } from '../../collectors/kubelet-cadvisor.ts'
import { collect, files, nodeTarget } from './collect.ts'

describe('kubelet-cadvisor', () => {
  it('keeps what the kubelet answers, in the folder of its sample, with how it was reached', async () => {
    const kubelet = (path: string) => `answer to ${path}`
    const collected = await collect(kubeletCadvisor, () => {}, { target: nodeTarget(), sample: 1, kubelet })
    expect(files(collected)).toEqual({
      'nodes/n1/1/kubelet-cadvisor/metrics.txt': 'answer to /metrics/cadvisor',
    })
    expect(collected.evidence[0]?.obtained).toMatchObject({ way: 'direct', monotonicMs: expect.any(Number) })
  })
})
