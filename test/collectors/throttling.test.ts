import { describe, expect, it } from 'vitest'
import { throttling } from '../../collectors/throttling.ts'
import { collect, files, nodeTarget } from './collect.ts'
import { commands, insidesOf } from './insides.ts'

describe('throttling', () => {
  it('keeps its part of the batch as it came', async () => {
    const batch = {
      'throttling/commands.tsv': commands(['cgroups.txt', '0', 5]),
      'throttling/cgroups.txt': '==> /host/sys/fs/cgroup/cpu.stat <==\nnr_throttled 7\n',
    }
    const collected = await collect(throttling, () => {}, {
      target: nodeTarget(),
      insides: insidesOf({ ways: ['probe'], batch }),
    })
    expect(files(collected)).toEqual({
      'nodes/n1/0/throttling/commands.tsv': batch['throttling/commands.tsv'],
      'nodes/n1/0/throttling/cgroups.txt': batch['throttling/cgroups.txt'],
    })
    expect(collected.closes).toMatchObject([{ scope: { node: 'n1', sample: 0 }, status: 'complete' }])
  })

  it('that there was no time for is partial, and so is a batch that was cut off', async () => {
    const skipped = { 'throttling/commands.tsv': commands(['cgroups.txt', '0', 5], ['stat.txt', 'skipped', 0]) }
    const ask = (given: object) =>
      collect(throttling, () => {}, { target: nodeTarget(), insides: insidesOf({ ways: ['probe'], ...given }) })
    expect((await ask({ batch: skipped })).closes).toMatchObject([
      { status: 'partial', reason: 'no time was left for stat.txt' },
    ])
    expect((await ask({ batch: {}, truncated: 'it is cut off after 3 files' })).closes).toMatchObject([
      { status: 'partial', reason: 'the rest of the batch is missing: it is cut off after 3 files' },
    ])
  })

  it('tells a file that was longer than what is kept', async () => {
    const batch = { 'throttling/commands.tsv': commands(['stat.txt', 'cut', 3]), 'throttling/stat.txt': 'cpu' }
    const insides = insidesOf({ ways: ['probe'], batch })
    const { evidence } = await collect(throttling, () => {}, { target: nodeTarget(), insides })
    expect(evidence.find(({ path }) => path.endsWith('stat.txt'))?.obtained.truncated).toContain('3 bytes')
  })
})
