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

  it.each([
    [{ logs: 'none' as const }, undefined],
    [
      { namespaces: ['shop'] },
      '==> shop_a-1_u1/app/0.log <==\n2026 F one\n\n==> shop_b-1_u3/app/0.log <==\n2026 F three\n',
    ],
    [{ namespaces: ['web'] }, undefined],
  ])('keeps no logs of pods that were not asked for: %o', async (settings, kept) => {
    const ended = [
      '==> shop_a-1_u1/app/0.log <==\n2026 F one\n\n',
      '==> kube-system_x-1_u2/app/0.log <==\n2026 F shop_ two\n\n',
      '==> shop_b-1_u3/app/0.log <==\n2026 F three\n',
    ].join('')
    const batch = {
      'journal/commands.tsv': commands(['ended-pods.txt', '0', ended.length]),
      'journal/ended-pods.txt': ended,
    }
    const insides = insidesOf({ ways: ['probe'], batch })
    const collected = await collect(journal, () => {}, { target: nodeTarget(), insides, settings })
    expect(files(collected)['nodes/n1/once/journal/ended-pods.txt']).toBe(kept)
    expect(collected.closes).toMatchObject([
      { status: 'complete', reason: 'ended-pods.txt holds no logs but those that were asked for' },
    ])
  })
})
