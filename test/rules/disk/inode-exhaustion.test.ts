import { describe, expect, it } from 'vitest'
import { inodeExhaustion } from '../../../src/rules/disk/inode-exhaustion.ts'
import { logFloodDiskpressure } from '../../../src/rules/disk/log-flood-diskpressure.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { evicted, pressed } from './pressure.ts'

const INODES = 'The node was low on resource: inodes. Threshold quantity: 327680, available: 120034. '

describe('inode-exhaustion', () => {
  it('names the node that evicts for inodes, and leaves it to no other rule', async () => {
    const scene = { objects: [pressed, evicted('mail-1', INODES)] }
    expect(subjectsOf(await evaluate(inodeExhaustion, scene))).toEqual(['Node node-1'])
    expect((await evaluate(logFloodDiskpressure, scene)).status).toBe('clear')
  })

  it('is quiet about bytes', async () => {
    const bytes = INODES.replace('inodes', 'ephemeral-storage')
    expect((await evaluate(inodeExhaustion, { objects: [pressed, evicted('mail-1', bytes)] })).status).toBe('clear')
  })
})
