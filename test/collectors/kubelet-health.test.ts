import { describe, expect, it } from 'vitest'
import { kubeletHealth } from '../../collectors/kubelet-health.ts'
import { collect, files, nodeTarget } from './collect.ts'

describe('kubelet-health', () => {
  it('keeps what the kubelet answers, once for all samples, with how it was reached', async () => {
    const kubelet = (path: string) => `answer to ${path}`
    const collected = await collect(kubeletHealth, () => {}, { target: nodeTarget(), sample: 1, kubelet })
    expect(files(collected)).toEqual({
      'nodes/n1/once/kubelet-health/healthz.txt': 'answer to /healthz',
      'nodes/n1/once/kubelet-health/syncloop.txt': 'answer to /healthz/syncloop',
    })
    expect(collected.evidence[0]?.obtained).toMatchObject({ way: 'direct', monotonicMs: expect.any(Number) })
  })

  it('that is not well says why in its answer, which is evidence', async () => {
    const collected = await collect(kubeletHealth, () => {}, { target: nodeTarget() })
    expect(collected.evidence.map(({ obtained }) => obtained.status)).toEqual([404, 404])
  })
})
