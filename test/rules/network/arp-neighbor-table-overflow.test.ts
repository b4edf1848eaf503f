import { describe, expect, it } from 'vitest'
import { arpNeighborTableOverflow } from '../../../src/rules/network/arp-neighbor-table-overflow.ts'
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
