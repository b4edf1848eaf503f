import { describe, expect, it } from 'vitest'
import { dnsMetrics } from '../../collectors/dns-metrics.ts'
import { collect, files } from './collect.ts'
import { componentTarget, servePorts } from './ports.ts'

const COUNTERS = 'coredns_dns_responses_total{rcode="SERVFAIL"} 7\n'

describe('dns-metrics', () => {
  it.each([
    ['coredns-7d9-x', 'coredns', 9153],
    ['node-local-dns-x', 'node-cache', 9253],
  ])('keeps what %s counts, in the folder of its pod and sample', async (name, container, port) => {
    const { kube, requests } = await servePorts({ [`:${port}/metrics`]: COUNTERS })
    const collected = await collect(dnsMetrics, () => {}, { target: componentTarget(name, container), sample: 1, kube })
    expect(files(collected)).toEqual({ [`components/kube-system/${name}/1/dns-metrics/metrics.txt`]: COUNTERS })
    expect(collected.closes).toMatchObject([
      { scope: { namespace: 'kube-system', name, path: `:${port}/metrics`, sample: 1 }, status: 'complete' },
    ])
    expect(requests).toEqual([`GET /api/v1/namespaces/kube-system/pods/${name}/portforward?ports=${port}`])
  })

  it('asks nobody whose container is not a name server', () => {
    expect(dnsMetrics.componentOf?.(componentTarget('web-1', 'coredns').pod)).toBe('coredns')
    expect(dnsMetrics.componentOf?.(componentTarget('coredns-operator', 'manager').pod)).toBeUndefined()
  })

  it('says that a pod is gone which was deleted meanwhile', async () => {
    const { kube } = await servePorts({}, { 'coredns-1': [404, 'pods "coredns-1" not found'] })
    const { closes } = await collect(dnsMetrics, () => {}, { target: componentTarget('coredns-1', 'coredns'), kube })
    expect(closes).toMatchObject([{ status: 'gone', reason: 'pods "coredns-1" not found' }])
  })
})
