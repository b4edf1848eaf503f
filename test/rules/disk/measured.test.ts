import { describe, expect, it } from 'vitest'
import { ephemeralLimitExceeded } from '../../../src/rules/disk/ephemeral-limit-exceeded.ts'
import { imageBloatDisk } from '../../../src/rules/disk/image-bloat-disk.ts'
import { inodeExhaustion } from '../../../src/rules/disk/inode-exhaustion.ts'
import { logFloodDiskpressure } from '../../../src/rules/disk/log-flood-diskpressure.ts'
import { podUsage, summary } from '../../incident/kubelet-answers.ts'
import { event, node, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { evicted, pressed } from './pressure.ts'

const GI = 1024 ** 3
const disk = (used: number, images = 5) => ({
  fs: {
    usedBytes: used * GI,
    capacityBytes: 100 * GI,
    availableBytes: (100 - used) * GI,
    inodes: 1000,
    inodesFree: 40,
  },
  runtime: { imageFs: { usedBytes: images * GI, capacityBytes: 100 * GI, inodes: 1000, inodesUsed: 50 } },
})
const uses = (name: string, gigabytes: number, inodesUsed = 5) =>
  podUsage(`shop/${name}`, { 'ephemeral-storage': { usedBytes: gigabytes * GI, inodesUsed } })

describe('a disk that the kubelet measured', () => {
  it('names who fills it, while it runs', async () => {
    const files = summary('node-1', disk(92), [uses('flood-1', 60), uses('calm-1', 2)])
    const outcome = await evaluate(logFloodDiskpressure, { objects: [pressed, pod('shop/flood-1')], files })
    expect(subjectsOf(outcome)).toEqual(['Pod shop/flood-1'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
    expect(outcome.findings[0]?.cites[0]).toMatchObject({ pointer: '/pods/0/ephemeral-storage/usedBytes' })
  })

  it.each([
    ['several use much', [uses('flood-1', 30), uses('other-1', 25)], 5],
    ['the images use more', [uses('flood-1', 30)], 55],
    ['nobody uses much', [uses('flood-1', 4)], 1],
  ])('names nobody where %s', async (_, pods, images) => {
    const files = summary('node-1', disk(92, images), pods)
    const outcome = await evaluate(logFloodDiskpressure, { objects: [pressed, pod('shop/flood-1')], files })
    expect(outcome.findings).toMatchObject([{ kind: 'mechanism' }])
  })

  it('is no incident where the node is not short of disk', async () => {
    const files = summary('node-1', disk(70), [uses('flood-1', 60)])
    expect((await evaluate(logFloodDiskpressure, { objects: [node('node-1')], files })).status).toBe('clear')
  })

  it('tells images from pods', async () => {
    const gc = event(
      '',
      'Node/node-1',
      'FreeDiskSpaceFailed',
      'Failed to garbage collect required amount of images. Attempted to free 4912345088 bytes, but only found 0 bytes eligible to free.',
    )
    const judge = (files: Record<string, string>) => evaluate(imageBloatDisk, { objects: [pressed, gc], files })
    const images = await judge(summary('node-1', disk(92, 70), [uses('calm-1', 2)]))
    expect(images.findings).toMatchObject([{ kind: 'cause', strength: 'strong', missing: [] }])
    expect((await judge(summary('node-1', disk(92, 5), [uses('flood-1', 70)]))).rejections).toHaveLength(1)
    expect((await judge(summary('node-1', disk(92, 20), [uses('calm-1', 2)]))).findings[0]?.strength).toBe('weak')
  })
})

describe('inodes that the kubelet counted', () => {
  const INODES = 'The node was low on resource: inodes. Threshold quantity: 327680, available: 120034. '

  it('belong to somebody', async () => {
    const files = summary('node-1', disk(20), [uses('mail-1', 1, 800), uses('calm-1', 1, 9)])
    const outcome = await evaluate(inodeExhaustion, { objects: [pressed, evicted('mail-0', INODES)], files })
    expect(outcome.findings[0]?.says).toContain('mail-1 has 800 of them (80 %)')
  })

  it('are a risk before anybody is evicted, and none while there are many', async () => {
    const few = summary('node-1', disk(20))
    expect((await evaluate(inodeExhaustion, { objects: [node('node-1')], files: few })).findings).toMatchObject([
      { kind: 'risk', subject: { name: 'node-1' } },
    ])
    const many = summary('node-1', { fs: { inodes: 1000, inodesFree: 400 } })
    expect((await evaluate(inodeExhaustion, { objects: [node('node-1')], files: many })).status).toBe('clear')
  })
})

describe('local storage that the kubelet measured', () => {
  const limited = pod('shop/web-1', {
    containers: [{ spec: { resources: { limits: { 'ephemeral-storage': '1Gi' } } } }],
  })
  const uses = (rootfs: number, logs: number) =>
    summary('node-1', {}, [
      podUsage('shop/web-1', {
        containers: [{ name: 'app', rootfs: { usedBytes: rootfs * GI }, logs: { usedBytes: logs * GI } }],
      }),
    ])

  it('is a risk near the limit, and nothing far from it', async () => {
    const near = await evaluate(ephemeralLimitExceeded, { objects: [limited], files: uses(0.5, 0.45) })
    expect(near.findings).toMatchObject([{ kind: 'risk', subject: { name: 'web-1' } }])
    expect((await evaluate(ephemeralLimitExceeded, { objects: [limited], files: uses(0.5, 0.1) })).status).toBe('clear')
    const unlimited = { objects: [pod('shop/web-1')], files: uses(5, 4) }
    expect((await evaluate(ephemeralLimitExceeded, unlimited)).status).toBe('clear')
  })
})
