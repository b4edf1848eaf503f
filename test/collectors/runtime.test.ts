import { describe, expect, it } from 'vitest'
import { runtime } from '../../collectors/runtime.ts'
import { collect, files, nodeTarget } from './collect.ts'
import { commands, insidesOf } from './insides.ts'

describe('runtime', () => {
  it('keeps its part of the batch as it came', async () => {
    const batch = { 'runtime/commands.tsv': commands(['tasks.txt', '0', 5]), 'runtime/tasks.txt': 'abc 12 RUNNING\n' }
    const collected = await collect(runtime, () => {}, {
      target: nodeTarget(),
      insides: insidesOf({ ways: ['probe'], batch }),
    })
    expect(files(collected)).toEqual({
      'nodes/n1/once/runtime/commands.tsv': batch['runtime/commands.tsv'],
      'nodes/n1/once/runtime/tasks.txt': batch['runtime/tasks.txt'],
    })
    expect(collected.closes).toMatchObject([{ scope: { node: 'n1' }, status: 'complete' }])
  })
})
