import { describe, expect, it } from 'vitest'
import { dnsMetrics } from '../../collectors/dns-metrics.ts'
import { chooseComponents } from '../../src/capture/chosen-components.ts'
import type { NodeTarget, ObservedPod } from '../../src/collector.ts'
import { componentTarget } from '../collectors/ports.ts'

function pod(name: string, more: Partial<ObservedPod> = {}): ObservedPod {
  return { ...componentTarget(name, 'node-cache').pod, nodeName: `node-of-${name}`, ...more }
}

function node(name: string, suspect: boolean): NodeTarget {
  const nobody = async () => []
  return { name, addresses: [], port: 10250, suspect, reason: '', forwarders: nobody, pods: nobody }
}

describe('whose counters of a component are read', () => {
  it('are eight of its pods, those on sick nodes first, then those on the nodes that these are compared with', () => {
    const chosen = chooseComponents([dnsMetrics])
    for (let index = 0; index < 20; index++) chosen.see(pod(`dns-${index}`))
    chosen.prefer(node('node-of-dns-18', false))
    chosen.prefer(node('node-of-dns-19', true))
    const names = chosen.settle().map((one) => one.pod.name)
    expect(names).toEqual(['dns-19', 'dns-18', 'dns-0', 'dns-1', 'dns-2', 'dns-3', 'dns-4', 'dns-5'])
  })

  it('are not those of a pod that does not run, was deleted, or is of nothing that is asked', () => {
    const chosen = chooseComponents([dnsMetrics])
    chosen.see(pod('pending', { phase: 'Pending' }))
    chosen.see(pod('deleted'))
    chosen.see(pod('deleted', { change: 'DELETED' }))
    chosen.see({ ...componentTarget('web', 'app').pod })
    expect(chosen.settle()).toEqual([])
    expect(chosen.without()).toEqual([dnsMetrics])
  })
})
