import { describe, expect, it } from 'vitest'
import { kernelNetwork } from '../../collectors/kernel-network.ts'
import { collect, files, nodeTarget } from './collect.ts'
import { commands, insidesOf } from './insides.ts'

describe('kernel-network', () => {
  it('keeps its part of the batch as it came', async () => {
    const batch = {
      'kernel-network/commands.tsv': commands(['netstat.txt', '0', 5]),
      'kernel-network/netstat.txt': 'TcpExt: ListenDrops\nTcpExt: 7\n',
    }
    const collected = await collect(kernelNetwork, () => {}, {
      target: nodeTarget(),
      insides: insidesOf({ ways: ['probe'], batch }),
    })
    expect(files(collected)).toEqual({
      'nodes/n1/0/kernel-network/commands.tsv': batch['kernel-network/commands.tsv'],
      'nodes/n1/0/kernel-network/netstat.txt': batch['kernel-network/netstat.txt'],
    })
    expect(collected.closes).toMatchObject([{ scope: { node: 'n1', sample: 0 }, status: 'complete' }])
  })

  it('is read by single programs where only these are allowed', async () => {
    const programs = (command: string) => (command.endsWith('/proc/net/snmp') ? 'Tcp: 1\n' : undefined)
    const insides = insidesOf({ ways: ['exec'], programs })
    const collected = await collect(kernelNetwork, () => {}, { target: nodeTarget(), insides })
    expect(files(collected)).toEqual({ 'nodes/n1/0/kernel-network/snmp.txt': 'Tcp: 1\n' })
    expect(collected.closes).toMatchObject([{ status: 'complete', reason: expect.stringContaining('no netstat.txt') }])
  })
})
