import { describe, expect, it } from 'vitest'
import type { LedgerLine } from '../../src/bundle/format.ts'
import { type NodePort, readNodePorts } from '../../src/incident/node-ports.ts'
import { checkCitations } from '../../src/rca/check-citations.ts'
import { portLines } from './node-answers.ts'
import { bundleOf } from './scene.ts'

function portsOf(...asked: readonly LedgerLine[]): readonly NodePort[] {
  return readNodePorts(bundleOf({ objects: [], asked }))
}

describe('ports of nodes', () => {
  it('are heard where anybody answered in any sample, and cite the ledger', async () => {
    const asked = [
      ...portLines('n1', 'cni', { 61678: false }, [0]),
      ...portLines('n1', 'cni', { 61678: true }, [1]),
      ...portLines('n2', 'cni', { 61678: false }),
    ]
    const ports = portsOf(...asked)
    expect(ports.map(({ node, port, listens }) => [node, port, listens])).toEqual([
      ['n1', 61678, true],
      ['n2', 61678, false],
    ])
    const citations = ports.map(({ citation }) => citation)
    expect(citations[1]?.words).toBe('nobody listens on port 61678')
    expect(await checkCitations(bundleOf({ objects: [], asked }), citations)).toEqual([])
  })

  it.each(['denied', 'failed', 'timed-out', 'gone', 'not-asked'] as const)('are unknown where it was %s', (status) => {
    expect(portsOf(...portLines('n1', 'cni', { 61678: status }))).toEqual([])
  })

  it('are heard where an answer was not what was asked for', () => {
    const [line] = portLines('n1', 'cni', { 61678: 'unsupported' })
    expect(portsOf({ ...(line as LedgerLine), reason: ':61678/metrics answered 404' })).toMatchObject([
      { listens: true },
    ])
  })

  it('are none of other lines, nor of a manifest that was rebuilt', () => {
    const [line] = portLines('n1', 'kubelet-metrics', { 61678: true })
    const scope = { node: 'n1', path: '/metrics' }
    const component = { path: ':9153/metrics', name: 'coredns-1' }
    expect(portsOf({ ...(line as LedgerLine), scope }, { ...(line as LedgerLine), scope: component })).toEqual([])
    const bundle = bundleOf({ objects: [], asked: portLines('n1', 'cni', { 61678: false }) })
    expect(readNodePorts({ ...bundle, isRebuilt: true })).toEqual([])
  })
})
