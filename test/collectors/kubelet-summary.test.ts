import { describe, expect, it } from 'vitest'
import { kubeletSummary } from '../../collectors/kubelet-summary.ts'
import { KubeError } from '../../src/sources/kube/client.ts'
import { collect, files, nodeTarget } from './collect.ts'

describe('kubelet-summary', () => {
  it('keeps what the kubelet answers, in the folder of its sample, with how it was reached', async () => {
    const kubelet = (path: string) => `answer to ${path}`
    const collected = await collect(kubeletSummary, () => {}, { target: nodeTarget(), sample: 1, kubelet })
    expect(files(collected)).toEqual({
      'nodes/n1/1/kubelet-summary/summary.json': 'answer to /stats/summary',
    })
    expect(collected.evidence[0]?.obtained).toMatchObject({ way: 'direct', monotonicMs: expect.any(Number) })
  })

  it('that no way leads to says so once for all of its questions', async () => {
    const kubelet = () => {
      throw new KubeError({ message: 'No way leads to the kubelet of node n1: …', status: 0, reason: 'Unreachable' })
    }
    const { closes, evidence } = await collect(kubeletSummary, () => {}, { target: nodeTarget(), kubelet })
    expect(evidence).toEqual([])
    expect(closes).toEqual([
      {
        type: 'close',
        scope: { node: 'n1', path: '/stats/summary', sample: 0 },
        status: 'failed',
        reason: 'No way leads to the kubelet of node n1: …',
      },
    ])
  })
})
