import { describe, expect, it } from 'vitest'
import { arpNeighborTableOverflow } from '../../../src/rules/network/arp-neighbor-table-overflow.ts'
import { kernelOf } from '../../incident/kernel-answers.ts'
import { repeated } from '../../incident/scene.ts'
import { pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { nodes, signal } from './node-signals.ts'

const found = async (message: string) =>
  subjectsOf(await evaluate(arpNeighborTableOverflow, { objects: [...nodes, signal('KernelLog', message)] }))

describe('arp-neighbor-table-overflow', () => {
  it.each(['neighbour: arp_cache: neighbor table overflow!', 'neighbour: ndisc_cache: neighbor table overflow!'])(
    'is what the kernel writes: %s',
    async (message) => {
      expect(await found(message)).toEqual(['Node n1'])
    },
  )

  it('is not the table of connections', async () => {
    expect(await found('nf_conntrack: table full, dropping packet')).toEqual([])
  })
})

describe('the statistics of the table', () => {
  const logs = { 'shop/web-1/app': repeated('level=error msg="dial tcp 203.0.113.7:443: i/o timeout"', 30, 600, 90) }
  const objects = [...nodes, pod('shop/web-1', { node: 'n1' })]
  const told = (counted: Parameters<typeof kernelOf>[1]) =>
    evaluate(arpNeighborTableOverflow, { objects, logs, files: kernelOf('n1', counted) })

  it('prove that it is full where there was no room between the samples', async () => {
    const [finding] = (await told({ fulls: [10, 42], entries: 1024 })).findings
    expect([finding?.kind, finding?.strength, finding?.subject.name]).toEqual(['cause', 'proof', 'n1'])
    expect(finding?.says).toContain('table_fulls of ipv4 grew by 32 within 30 s, with 1024 entries of 1024')
    expect(finding?.cites).toHaveLength(4)
  })

  it('are not sure of a moment without room', async () => {
    expect((await told({ fulls: [10, 13] })).findings).toMatchObject([{ kind: 'cause', strength: 'weak' }])
  })

  it('tell of IPv6 as well', async () => {
    expect((await told({ fulls6: [0, 3] })).findings[0]?.says).toContain('table_fulls of ipv6 grew by 3')
  })

  it('mean nothing where the table was full once, or only has many entries', async () => {
    expect((await told({ fulls: [500, 500], entries: 900 })).status).toBe('clear')
    expect((await told({ fulls: [500], entries: 1024 })).status).toBe('clear')
  })
})
