import { describe, expect, it } from 'vitest'
import { ena } from '../../collectors/ena.ts'
import { collect, files, nodeTarget } from './collect.ts'
import { commands, insidesOf } from './insides.ts'

describe('ena', () => {
  it('keeps its part of the batch as it came', async () => {
    const batch = {
      'ena/commands.tsv': commands(['eth0.statistics.txt', '0', 5]),
      'ena/eth0.statistics.txt': 'NIC statistics:\n     bw_in_allowance_exceeded: 7\n',
    }
    const collected = await collect(ena, () => {}, {
      target: nodeTarget(),
      insides: insidesOf({ ways: ['probe'], batch }),
    })
    expect(files(collected)).toEqual({
      'nodes/n1/0/ena/commands.tsv': batch['ena/commands.tsv'],
      'nodes/n1/0/ena/eth0.statistics.txt': batch['ena/eth0.statistics.txt'],
    })
    expect(collected.closes).toMatchObject([{ scope: { node: 'n1', sample: 0 }, status: 'complete' }])
  })

  it('of a node without ethtool is not there, which is no gap', async () => {
    const batch = { 'ena/commands.tsv': commands(['eth0.statistics.txt', '127', 0, "can't execute 'ethtool'"]) }
    const insides = insidesOf({ ways: ['probe'], batch })
    const { closes } = await collect(ena, () => {}, { target: nodeTarget(), insides })
    expect(closes).toMatchObject([{ status: 'unsupported', reason: "no eth0.statistics.txt: can't execute 'ethtool'" }])
  })
})
