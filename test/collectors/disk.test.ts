import { describe, expect, it } from 'vitest'
import { disk } from '../../collectors/disk.ts'
import { collect, files, nodeTarget } from './collect.ts'
import { commands, insidesOf } from './insides.ts'

describe('disk', () => {
  it('keeps its part of the batch as it came', async () => {
    const batch = { 'disk/commands.tsv': commands(['df-k.txt', '0', 5]), 'disk/df-k.txt': '/dev/vda 100 90 10 90% /\n' }
    const collected = await collect(disk, () => {}, {
      target: nodeTarget(),
      insides: insidesOf({ ways: ['probe'], batch }),
    })
    expect(files(collected)).toEqual({
      'nodes/n1/once/disk/commands.tsv': batch['disk/commands.tsv'],
      'nodes/n1/once/disk/df-k.txt': batch['disk/df-k.txt'],
    })
    expect(collected.closes).toMatchObject([{ scope: { node: 'n1' }, status: 'complete' }])
  })
})
