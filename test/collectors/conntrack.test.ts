import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { conntrack } from '../../collectors/conntrack.ts'
import type { Inside } from '../../src/sources/node/inside.ts'
import { collect, files, nodeTarget } from './collect.ts'
import { commands, DENIED, insidesOf } from './insides.ts'

const ENTRY =
  'tcp      6 431999 ESTABLISHED src=10.0.0.1 dst=10.96.0.9 sport=4 dport=80 src=10.1.0.1 dst=10.0.0.1 sport=8080 dport=4 [ASSURED] use=1\n'
const BATCH = {
  'conntrack/commands.tsv': commands(['sysctl.txt', '0', 5], ['statistics.txt', '127', 0, 'chroot: no conntrack']),
  'conntrack/sysctl.txt': '==> /proc/sys/net/netfilter/nf_conntrack_count <==\n4\n',
  'throttling/cgroups.txt': 'of somebody else',
}

function ask(given: Parameters<typeof insidesOf>[0], more: object = {}) {
  return collect(conntrack, () => {}, { target: nodeTarget(), insides: insidesOf(given), ...more })
}

describe('conntrack', () => {
  it('keeps its part of the batch, and says what the node does not have', async () => {
    const collected = await ask({ ways: ['probe'], batch: BATCH, shell: ENTRY })
    expect(files(collected)).toMatchObject({
      'nodes/n1/0/conntrack/sysctl.txt': BATCH['conntrack/sysctl.txt'],
      'nodes/n1/0/conntrack/commands.tsv': BATCH['conntrack/commands.tsv'],
    })
    expect(collected.evidence[0]?.obtained).toMatchObject({ way: 'probe', monotonicMs: 1, request: 'exec the batch' })
    expect(collected.closes).toMatchObject([
      { scope: { node: 'n1', sample: 0 }, status: 'complete', reason: 'no statistics.txt: chroot: no conntrack' },
      { scope: { node: 'n1', sample: 0, path: 'connections' }, status: 'complete' },
    ])
  })

  it('sums the table up in the first sample, and keeps it whole only where that is asked for', async () => {
    const once = await ask({ ways: ['probe'], batch: BATCH, shell: ENTRY.repeat(3) })
    const text = files(once)['nodes/n1/0/conntrack/connections.json'] ?? ''
    expect(JSON.parse(text)).toMatchObject({ entries: 3, targets: [{ address: '10.96.0.9', entries: 3 }] })
    expect(Object.keys(files(once))).not.toContain('nodes/n1/0/conntrack/table.txt')
    const full = await ask({ ways: ['probe'], batch: BATCH, shell: ENTRY }, { settings: { full: true } })
    expect(files(full)['nodes/n1/0/conntrack/table.txt']).toBe(ENTRY)
    const second = await ask({ ways: ['probe'], batch: BATCH, shell: ENTRY }, { sample: 1 })
    expect(Object.keys(files(second)).filter((path) => path.includes('connections'))).toEqual([])
  })

  it('is whole in memory of two nodes at once, however many are asked', async () => {
    let [open, most] = [0, 0]
    async function* slowly(): AsyncGenerator<Buffer> {
      most = Math.max(most, ++open)
      yield Buffer.from(ENTRY)
      await sleep(20)
      open--
    }
    const given = insidesOf({ ways: ['probe'], batch: BATCH })
    const shell: Inside['shell'] = async (...asked) => ({
      ...(await given.of({ name: 'n1' }).shell(...asked)),
      stdout: slowly(),
    })
    const insides = { ...given, of: (node: { name: string }) => ({ ...given.of(node), shell }) }
    const askWhole = () => collect(conntrack, () => {}, { target: nodeTarget(), insides, settings: { full: true } })
    const all = await Promise.all(Array.from({ length: 6 }, askWhole))
    expect(all.map((one) => files(one)['nodes/n1/0/conntrack/table.txt'])).toEqual(Array(6).fill(ENTRY))
    expect(most).toBe(2)
  })

  it('is read by single programs where only these are allowed, one file of the kernel at a time', async () => {
    const asked: string[] = []
    const collected = await ask({
      ways: ['exec'],
      programs(command) {
        asked.push(command)
        if (command === 'conntrack -L') return ENTRY
        if (command === 'conntrack -L -f ipv6') return ''
        return command.endsWith('_buckets') ? undefined : '7\n'
      },
    })
    expect(asked).toContain('iconv -f latin1 -t utf8 /proc/sys/net/netfilter/nf_conntrack_count')
    const sysctl = files(collected)['nodes/n1/0/conntrack/sysctl.txt'] ?? ''
    expect(sysctl).toMatch(/^==> \/proc\/sys\/net\/netfilter\/nf_conntrack_count <==\n7\n==> /)
    expect(sysctl).not.toContain('buckets')
    expect(files(collected)['nodes/n1/0/conntrack/statistics.txt']).toBe('7\n')
    expect(collected.evidence[0]?.obtained).toMatchObject({ way: 'exec' })
    expect(collected.closes.map(({ status }) => status)).toEqual(['complete', 'complete'])
  })

  it('says where it may not run anything, once', async () => {
    const { closes, evidence, error } = await ask({ ways: ['exec'], programs: () => DENIED })
    expect([evidence, closes, error]).toEqual([[], [], DENIED])
  })

  it('goes on by single programs where a probe was denied', async () => {
    const programs = (command: string) => (command.startsWith('conntrack -L') ? ENTRY : '7\n')
    const { evidence, error } = await ask({ ways: ['probe', 'exec'], batch: DENIED, shell: DENIED, programs })
    expect(error).toBeUndefined()
    expect(new Set(evidence.map(({ obtained }) => obtained.way))).toEqual(new Set(['exec']))
  })
})
