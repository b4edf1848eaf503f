import { describe, expect, it } from 'vitest'
import { journal } from '../../collectors/journal.ts'
import { collect, files, nodeTarget } from './collect.ts'
import { commands, insidesOf } from './insides.ts'

describe('journal', () => {
  it('keeps its part of the batch as it came', async () => {
    const batch = {
      'journal/commands.tsv': commands(['kernel-failures.txt', '0', 5]),
      'journal/kernel-failures.txt': 'nf_conntrack: table full, dropping packet\n',
    }
    const collected = await collect(journal, () => {}, {
      target: nodeTarget(),
      insides: insidesOf({ ways: ['probe'], batch }),
    })
    expect(files(collected)).toEqual({
      'nodes/n1/once/journal/commands.tsv': batch['journal/commands.tsv'],
      'nodes/n1/once/journal/kernel-failures.txt': batch['journal/kernel-failures.txt'],
    })
    expect(collected.closes).toMatchObject([{ scope: { node: 'n1' }, status: 'complete' }])
  })
})
