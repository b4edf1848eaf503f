import { describe, expect, it } from 'vitest'
import { kubeProxy } from '../../collectors/kube-proxy.ts'
import { collect, files, nodeTarget, statuses } from './collect.ts'
import { servePorts } from './ports.ts'

const PROXY = {
  ':10249/proxyMode': 'iptables',
  ':10249/metrics': 'kubeproxy_sync_proxy_rules_iptables_total{table="nat"} 42\n',
  ':10256/healthz': { type: 'application/json', body: '{"nodeEligible":true}' },
}

describe('kube-proxy', () => {
  it('tells its mode, its counters and its health', async () => {
    const { kube } = await servePorts(PROXY)
    const collected = await collect(kubeProxy, () => {}, { target: nodeTarget(), kube })
    expect(files(collected)).toEqual({
      'nodes/n1/0/kube-proxy/mode.txt': 'iptables',
      'nodes/n1/0/kube-proxy/metrics.txt': PROXY[':10249/metrics'],
      'nodes/n1/0/kube-proxy/healthz.txt': '{"nodeEligible":true}',
    })
  })

  it('that is not well is evidence, with its status', async () => {
    const sick = { status: 503, body: '{"lastUpdated":"2026-01-31T08:00:00Z"}' }
    const { kube } = await servePorts({ ...PROXY, ':10256/healthz': sick })
    const { evidence } = await collect(kubeProxy, () => {}, { target: nodeTarget(), kube })
    expect(evidence.at(-1)?.obtained).toMatchObject({ status: 503 })
  })

  it('is not supported where something else does its work, or has its port', async () => {
    const page = { type: 'text/html; charset=utf-8', body: '<!DOCTYPE html>' }
    const { kube } = await servePorts({ ':10249/metrics': page })
    const collected = await collect(kubeProxy, () => {}, { target: nodeTarget(), kube })
    expect(statuses(collected)).toEqual([
      ':10249/proxyMode unsupported',
      ':10249/metrics unsupported',
      ':10256/healthz unsupported',
    ])
  })
})
