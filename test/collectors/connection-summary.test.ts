import { describe, expect, it } from 'vitest'
import { summariseConnections } from '../../collectors/connection-summary.ts'

/** An entry of a Service, as conntrack prints it: opened to its address, answered by an endpoint. */
function entry(source: string, port: number, endpoint: string, flags = '[ASSURED]'): string {
  return `tcp      6 431999 ESTABLISHED src=${source} dst=10.96.0.9 sport=${port} dport=80 src=${endpoint} dst=${source} sport=8080 dport=${port} ${flags} mark=0 use=1`
}

function sumUp(lines: readonly string[], whole = true) {
  const summary = summariseConnections()
  for (const line of lines) summary.add(line)
  return summary.finish(whole)
}

describe('the summary of a table of connections', () => {
  it('tells for a Service which endpoints its connections went to, so that a pinned one is seen', () => {
    const lines = [entry('10.0.0.1', 1, '10.1.0.1'), entry('10.0.0.1', 2, '10.1.0.1'), entry('10.0.0.2', 3, '10.1.0.2')]
    expect(sumUp(lines)).toMatchObject({
      entries: 3,
      whole: true,
      protocols: { tcp: { entries: 3, unreplied: 0, states: { ESTABLISHED: 3 } } },
      targets: [
        {
          protocol: 'tcp',
          address: '10.96.0.9',
          port: 80,
          entries: 3,
          endpoints: [
            { address: '10.1.0.1', port: 8080, entries: 2 },
            { address: '10.1.0.2', port: 8080, entries: 1 },
          ],
        },
      ],
      sources: [
        { source: '10.0.0.1', entries: 2, unreplied: 0 },
        { source: '10.0.0.2', entries: 1, unreplied: 0 },
      ],
      pairs: [{ source: '10.0.0.1', target: 'tcp 10.96.0.9 80', entries: 2 }, { source: '10.0.0.2' }],
    })
  })

  it('reads what the kernel prints itself, with the family before, and entries without state, ports or timeout', () => {
    const summary = sumUp([
      'ipv4     2 udp      17 29 src=10.0.0.1 dst=10.0.0.10 sport=5353 dport=53 [UNREPLIED] src=10.0.0.10 dst=10.0.0.1 sport=53 dport=5353 mark=0 zone=0 use=2',
      'ipv6     10 tcp      6 src=fd00::1 dst=fd00::2 sport=1 dport=443 src=fd00::2 dst=fd00::1 sport=443 dport=1 [OFFLOAD] mark=0 use=2',
      'icmp     1 29 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=7 src=10.0.0.2 dst=10.0.0.1 type=0 code=0 id=7 mark=0 use=1',
    ])
    expect(summary.protocols).toEqual({
      udp: { entries: 1, unreplied: 1, states: { none: 1 } },
      tcp: { entries: 1, unreplied: 0, states: { none: 1 } },
      icmp: { entries: 1, unreplied: 0, states: { none: 1 } },
    })
    expect(summary.targets).toContainEqual(
      expect.objectContaining({ protocol: 'icmp', address: '10.0.0.2', port: null }),
    )
    expect(summary.targets).toContainEqual(expect.objectContaining({ address: 'fd00::2', port: 443 }))
  })

  it('names a target that nobody answers for, however little it is used', () => {
    const busy = Array.from({ length: 300 }, (_, at) =>
      entry('10.0.0.1', at, '10.1.0.1').replace('10.96.0.9', `10.96.1.${at % 150}`),
    )
    const mute =
      'tcp 6 119 SYN_SENT src=10.0.0.1 dst=203.0.113.9 sport=9 dport=5432 [UNREPLIED] src=203.0.113.9 dst=10.0.0.1 sport=5432 dport=9 use=1'
    const { targets, counted } = sumUp([...busy, mute])
    expect(counted.targets).toBe(151)
    expect(targets).toHaveLength(101)
    expect(targets.at(-1)).toMatchObject({ address: '203.0.113.9', unreplied: 1, states: { SYN_SENT: 1 } })
  })

  it('counts lines that are no entries, and invents none', () => {
    const { entries, unread } = sumUp([
      '',
      'conntrack v1.4.7: 0 flow entries have been shown.',
      'tcp 6 1 ESTABLISHED src=10.0.0.1 dst=',
    ])
    expect([entries, unread]).toEqual([0, 3])
  })

  it('keeps no more of a table of any length than so many keys, and says how much it did not tell apart', () => {
    const lines = Array.from({ length: 30_000 }, (_, at) =>
      entry(`10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`, at, `10.9.${at >> 8}.${at & 255}`),
    )
    const summary = sumUp(lines, false)
    expect(summary).toMatchObject({ entries: 30_000, whole: false, uncounted: { sources: 10_000, targets: 0 } })
    expect(summary.sources).toHaveLength(100)
    expect(summary.targets[0]?.endpoints).toHaveLength(64)
    expect(summary.targets[0]?.otherEndpoints).toBe(30_000 - 64)
  })
})
