import { describe, expect, it } from 'vitest'
import { kernelFault } from '../../../src/rules/node/kernel-fault.ts'
import { event, node, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const TEXT = 'watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [kworker/3:1:8123]'

describe('kernel-fault', () => {
  it('names the node, its kernel and what it says', async () => {
    const objects = [
      node('node-1'),
      event('', 'Node/node-1', 'SoftLockup', TEXT, { first: 3500 }),
      pod('shop/web-1', { ready: false }),
    ]
    const outcome = await evaluate(kernelFault, { objects })
    expect(subjectsOf(outcome)).toEqual(['Node node-1'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause' })
    expect(outcome.findings[0]?.says).toContain('6.1.0')
  })

  it('only calls it a risk where pods were not well before', async () => {
    const objects = [node('node-1'), event('', 'Node/node-1', 'SoftLockup', TEXT), pod('shop/web-1', { ready: false })]
    expect((await evaluate(kernelFault, { objects })).findings.map(({ kind }) => kind)).toEqual(['risk'])
  })

  it('rejects a complaint that is over', async () => {
    const objects = [node('node-1'), event('', 'Node/node-1', 'SoftLockup', TEXT, { last: 3000 })]
    expect((await evaluate(kernelFault, { objects })).status).toBe('clear')
  })

  describe('with pods that get no cgroup', () => {
    const WORDS =
      'failed to create shim task: OCI runtime create failed: runc create failed: unable to apply cgroup configuration: mkdir /sys/fs/cgroup/memory/kubepods/pod1: cannot allocate memory: unknown'
    const stuck = (name: string, on: string) =>
      pod(`shop/${name}-6c8f7d9b5-abcde`, {
        owner: `ReplicaSet/${name}-6c8f7d9b5`,
        node: on,
        ready: false,
        containers: [{ status: { ready: false, state: { waiting: { reason: 'RunContainerError', message: WORDS } } } }],
      })
    const well = pod('shop/web-6c8f7d9b5-fghij', { owner: 'ReplicaSet/web-6c8f7d9b5', node: 'node-2' })

    it.each([
      ['of several workloads on one node', [stuck('web', 'node-1'), stuck('feed', 'node-1')], ['Node node-1']],
      ['of one that runs elsewhere', [stuck('web', 'node-1'), well], ['Node node-1']],
      ['of one alone', [stuck('web', 'node-1')], []],
      ['on several nodes', [stuck('web', 'node-1'), stuck('feed', 'node-2')], []],
    ])('names the node: %s', async (_, pods, subjects) => {
      const outcome = await evaluate(kernelFault, { objects: [node('node-1'), node('node-2'), ...pods] })
      expect(subjectsOf(outcome)).toEqual(subjects)
    })
  })
})
