import { describe, expect, it } from 'vitest'
import { blockDeviceError } from '../../../src/rules/disk/block-device-error.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, event, node, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

function readOnly(status: string, reason: string) {
  const condition = {
    type: 'ReadonlyFilesystem',
    status,
    reason,
    message: `Filesystem is ${status === 'True' ? '' : 'not '}read-only`,
    lastTransitionTime: ago(600),
  }
  return node('node-1', { status: { conditions: [condition] } })
}

describe('block-device-error', () => {
  it('names a node whose file system is read-only', async () => {
    const outcome = await evaluate(blockDeviceError, { objects: [readOnly('True', 'FilesystemIsReadOnly')] })
    expect(subjectsOf(outcome)).toEqual(['Node node-1'])
    expect(outcome.findings[0]?.strength).toBe('proof')
  })

  it('is quiet about the healthy condition', async () => {
    expect((await evaluate(blockDeviceError, { objects: [readOnly('False', 'FilesystemIsNotReadOnly')] })).status).toBe(
      'clear',
    )
  })

  it('names the disk that the kernel names', async () => {
    const error = event('', 'Node/node-1', 'IOError', 'Buffer I/O error on device nvme1n1, logical block 0')
    const sick = pod('shop/db-0', { ready: false, containers: [{ status: crashed() }] })
    const outcome = await evaluate(blockDeviceError, { objects: [node('node-1'), error, sick] })
    expect(outcome.findings[0]?.says).toContain('nvme1n1')
    expect(
      (
        await evaluate(blockDeviceError, {
          objects: [
            node('node-1'),
            event('', 'Node/node-1', 'IOError', 'Buffer I/O error on device nvme1n1', { last: 3000 }),
          ],
        })
      ).status,
    ).toBe('clear')
  })

  it('names a program that its disk fails, and calls it a risk while it goes on', async () => {
    const logs = { 'shop/db-0/app': `${ago(60)} ERROR read error: /data/collection-7.wt: Input/output error\n` }
    const sick = pod('shop/db-0', { ready: false, containers: [{ status: crashed() }] })
    expect((await evaluate(blockDeviceError, { objects: [sick], logs })).findings).toMatchObject([
      { kind: 'cause', subject: { name: 'db-0' } },
    ])
    expect((await evaluate(blockDeviceError, { objects: [pod('shop/db-0')], logs })).findings[0]?.kind).toBe('risk')
  })
})
