import { describe, expect, it } from 'vitest'
import { kubeletMetrics } from '../../collectors/kubelet-metrics.ts'
import { collect, files, nodeTarget, statuses } from './collect.ts'

describe('kubelet-metrics', () => {
  it('keeps what the kubelet answers, in the folder of its sample, with how it was reached', async () => {
    const kubelet = (path: string) => `answer to ${path}`
    const collected = await collect(kubeletMetrics, () => {}, { target: nodeTarget(), sample: 1, kubelet })
    expect(files(collected)).toEqual({
      'nodes/n1/1/kubelet-metrics/metrics.txt': 'answer to /metrics',
      'nodes/n1/1/kubelet-metrics/resource.txt': 'answer to /metrics/resource',
      'nodes/n1/1/kubelet-metrics/probes.txt': 'answer to /metrics/probes',
      'nodes/n1/1/kubelet-metrics/slis.txt': 'answer to /metrics/slis',
    })
    expect(collected.evidence[0]?.obtained).toMatchObject({ way: 'direct', monotonicMs: expect.any(Number) })
  })

  it('that is too old for one of the questions answers the others', async () => {
    const kubelet = (path: string) => (path === '/metrics/slis' ? undefined : 'a 1\n')
    const collected = await collect(kubeletMetrics, () => {}, { target: nodeTarget(), kubelet })
    expect(statuses(collected)).toEqual([
      '/metrics complete',
      '/metrics/resource complete',
      '/metrics/probes complete',
      '/metrics/slis unsupported',
    ])
  })
})
