import { describe, expect, it } from 'vitest'
import { imageBloatDisk } from '../../../src/rules/disk/image-bloat-disk.ts'
import { event, node } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { evicted, pressed } from './pressure.ts'

const FAILED =
  'Failed to garbage collect required amount of images. Attempted to free 4912345088 bytes, but only found 0 bytes eligible to free.'
const gc = event('', 'Node/node-1', 'FreeDiskSpaceFailed', FAILED)

describe('image-bloat-disk', () => {
  it('names the node whose images cannot be deleted', async () => {
    const outcome = await evaluate(imageBloatDisk, { objects: [pressed, gc] })
    expect(subjectsOf(outcome)).toEqual(['Node node-1'])
    expect(outcome.findings[0]?.kind).toBe('cause')
  })

  it('calls it a risk without pressure, and rejects it when a pod wrote the most', async () => {
    expect((await evaluate(imageBloatDisk, { objects: [node('node-1'), gc] })).findings[0]?.kind).toBe('risk')
    const low =
      'The node was low on resource: ephemeral-storage. Container app was using 40Gi, which exceeds its request of 0. '
    expect(
      (await evaluate(imageBloatDisk, { objects: [pressed, gc, evicted('flood-1', low)] })).rejections,
    ).toHaveLength(1)
  })

  it('is quiet about a disk that was not measured at the start', async () => {
    const harmless = event('', 'Node/node-1', 'InvalidDiskCapacity', 'invalid capacity 0 on image filesystem')
    expect((await evaluate(imageBloatDisk, { objects: [pressed, harmless] })).status).toBe('clear')
  })
})
