import { describe, expect, it } from 'vitest'
import type { LedgerLine } from '../../src/bundle/format.ts'
import { incidentOf } from './scene.ts'
import { node } from './things.ts'

function asked(name: string, status: LedgerLine['status'] = 'complete', sample: 0 | 1 = 0): LedgerLine {
  const scope = { node: name, path: '/metrics/cadvisor', sample }
  const reason = status === 'complete' ? {} : { reason: 'it did not answer' }
  return { collector: 'kubelet-cadvisor', scope, status, ...reason, requests: 1, bytes: 1, files: [] }
}

const NODES = ['a', 'b', 'c', 'd'].map((name) => node(name))

async function coverageOf(lines: readonly LedgerLine[]) {
  return (await incidentOf({ objects: NODES, asked: lines })).coverage
}

describe('coverage of nodes', () => {
  it('is some where some nodes were asked, and all of those', async () => {
    const coverage = await coverageOf([asked('a'), asked('b')])
    expect(coverage.of('cadvisor')).toEqual({ how: 'some', why: '2 of 4 nodes were asked' })
    expect(coverage.ofNodes('cadvisor', ['a', 'b'])).toEqual({ how: 'all', why: '' })
    expect(coverage.ofNodes('cadvisor', [])).toEqual({ how: 'all', why: '' })
    expect(coverage.ofNodes('cadvisor', ['a', 'c'])).toEqual({ how: 'some', why: 'node c was not asked' })
    expect(coverage.ofNodes('cadvisor', ['c'])).toEqual({ how: 'none', why: 'node c was not asked' })
  })

  it('is all where every node answered, and says what a node did not', async () => {
    expect((await coverageOf(['a', 'b', 'c', 'd'].map((name) => asked(name)))).of('cadvisor').how).toBe('all')
    const broken = await coverageOf([asked('a'), asked('a', 'timed-out', 1), asked('b', 'denied')])
    expect(broken.ofNodes('cadvisor', ['a'])).toEqual({ how: 'some', why: 'timed-out: it did not answer' })
    expect(broken.ofNodes('cadvisor', ['b'])).toEqual({ how: 'none', why: 'denied: it did not answer' })
  })

  it('leaves a bundle without nodes as it was, and never takes a kubelet for the API server', async () => {
    const coverage = await coverageOf([])
    expect(coverage.of('cadvisor')).toEqual({ how: 'none', why: 'this bundle was captured without it' })
    expect(coverage.ofNodes('pods', ['a']).how).toBe('all')
    const line = {
      ...asked('a'),
      collector: 'kubelet-metrics',
      scope: { node: 'a', path: '/metrics', sample: 0 as const },
    }
    const both = await coverageOf([line])
    expect([both.of('kubelet-metrics').how, both.of('apiserver-metrics').how]).toEqual(['some', 'none'])
  })

  it('tells by the files that came whether the cgroups of pods were read, or the machine alone', async () => {
    const line = (...files: string[]): LedgerLine => ({
      ...asked('a'),
      collector: 'throttling',
      scope: { node: 'a', sample: 0 },
      files,
    })
    const exec = await coverageOf([line('nodes/a/0/throttling/pressure.txt')])
    expect([exec.of('node-pressure').how, exec.of('cgroups').how]).toEqual(['some', 'none'])
    const probe = await coverageOf([line('nodes/a/0/throttling/pressure.txt', 'nodes/a/0/throttling/cgroups.txt')])
    expect([probe.of('node-pressure').how, probe.of('cgroups').how]).toEqual(['some', 'some'])
    const denied = await coverageOf([{ ...line(), status: 'denied', reason: 'why' }])
    expect(denied.of('cgroups')).toEqual({ how: 'none', why: 'denied: why' })
  })

  it('takes the journal of a node for the words of its kernel and of its daemons', async () => {
    const coverage = await coverageOf([{ ...asked('a'), collector: 'journal', scope: { node: 'a' } }])
    expect(coverage.ofNodes('kernel-log', ['a']).how).toBe('all')
    expect(coverage.ofNodes('node-logs', ['a']).how).toBe('all')
    expect(coverage.ofNodes('kernel-log', ['b']).how).toBe('none')
  })

  it('takes what the agent of a node has collected for the same, and no agent for no gap in what others read', async () => {
    const line = (status: LedgerLine['status'], ...files: string[]): LedgerLine => ({
      ...asked('a', status),
      collector: 'node-diagnostic',
      scope: { node: 'a' },
      files,
    })
    const journal = { ...asked('a'), collector: 'journal', scope: { node: 'a' } }
    const agent = await coverageOf([line('complete', 'nodes/a/once/node-diagnostic/kernel/dmesg.human.current')])
    expect(agent.ofNodes('kernel-log', ['a']).how).toBe('all')
    expect((await coverageOf([line('unsupported')])).ofNodes('kernel-log', ['a']).how).toBe('none')
    expect((await coverageOf([journal, line('timed-out')])).ofNodes('node-logs', ['a']).how).toBe('all')
  })
})

describe('coverage of interfaces', () => {
  const interfaces = (status: LedgerLine['status'], ...files: string[]): LedgerLine => ({
    collector: 'ena',
    scope: { node: 'a', sample: 0 },
    status,
    requests: 1,
    bytes: 1,
    files: files.map((file) => `nodes/a/0/ena/${file}`),
  })
  const of = async (line: LedgerLine) => (await coverageOf([line])).ofNodes('ena-counters', ['a']).how

  it('is known where their counters were read, and not where a node has no program that reads them', async () => {
    expect(await of(interfaces('complete', 'commands.tsv', 'eth0.statistics.txt'))).toBe('all')
    expect(await of(interfaces('complete', 'commands.tsv', 'eth0.link.txt'))).toBe('none')
    expect(await of(interfaces('unsupported', 'commands.tsv'))).toBe('none')
    expect(await of(interfaces('denied'))).toBe('none')
  })
})
