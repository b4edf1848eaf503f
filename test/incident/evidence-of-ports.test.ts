import { describe, expect, it } from 'vitest'
import type { LedgerLine, Scope } from '../../src/bundle/format.ts'
import { readCoverage } from '../../src/incident/coverage.ts'
import { HEAD } from '../bundle/sample.ts'

type Line = readonly [collector: string, scope: Scope, status?: LedgerLine['status']]

function coverageOf(lines: readonly Line[], paths: readonly string[] = []) {
  const ledger = lines.map(([collector, scope, status = 'complete']) => {
    return { collector, scope, status, reason: 'why', requests: 1, bytes: 1, files: [] }
  })
  return readCoverage({ ...HEAD, ledger, files: [], root: '' } as unknown as Parameters<typeof readCoverage>[0], paths)
}

const node = (path: string): Scope => ({ node: 'n1', path })

describe('evidence of ports and of the logs of nodes', () => {
  it.each<[string, Line]>([
    ['cni-introspection', ['cni', node(':61679/v1/enis')]],
    ['kube-proxy-metrics', ['kube-proxy', node(':10249/metrics')]],
    ['coredns-metrics', ['dns-metrics', { resource: 'pods/portforward', namespace: 'kube-system', name: 'coredns-1' }]],
    ['node-logs', ['node-logs', node('/logs/?query=kubelet')]],
    ['node-logs', ['node-logs', node('/logs/aws-routed-eni/ipamd.log')]],
    ['kernel-log', ['node-logs', node('/logs/messages')]],
  ])('is %s', (kind, line) => {
    expect(coverageOf([line]).of(kind)).toMatchObject({ how: 'all' })
  })

  it('is none where nobody serves it, and no gap where one path of several is unknown', () => {
    expect(coverageOf([['cni', node(':61679/v1/enis'), 'unsupported']]).of('cni-introspection').how).toBe('none')
    const both = coverageOf([
      ['cni', node(':61679/v1/enis')],
      ['cni', node(':61679/v1/pods'), 'unsupported'],
    ])
    expect(both.of('cni-introspection')).toMatchObject({ how: 'all' })
    expect(coverageOf([['node-logs', node('/logs/kern.log'), 'unsupported']]).of('kernel-log').how).toBe('none')
  })

  it('is missing where it was denied, and some of it where a sample came', () => {
    const denied: Line = ['cni', { node: 'n2', sample: 0 }, 'denied']
    expect(coverageOf([denied]).of('cni-introspection')).toEqual({ how: 'none', why: 'denied: why' })
    expect(coverageOf([denied], ['nodes/n1/0/cni/enis.json']).of('cni-introspection').how).toBe('some')
    const dns = coverageOf(
      [['dns-metrics', {}, 'not-asked']],
      ['components/kube-system/coredns-1/0/dns-metrics/metrics.txt'],
    )
    expect(dns.of('coredns-metrics').how).toBe('some')
  })

  it('is not the log of a pod that the node kept', () => {
    expect(coverageOf([['node-logs', node('/logs/pods/shop_web_u/app/0.log')]]).of('node-logs').how).toBe('none')
  })
})
