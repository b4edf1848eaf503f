import { describe, expect, it } from 'vitest'
import { logFloodDiskpressure } from '../../../src/rules/disk/log-flood-diskpressure.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { event, node, pod, wrote } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { evicted, pressed } from './pressure.ts'

const low = (usage: string) =>
  `The node was low on resource: ephemeral-storage. Threshold quantity: 10Gi, available: 9Gi. Container app was using ${usage}, request is 0, has larger consumption of ephemeral-storage. `

const waiting = pod('shop/late-1', { node: '', ready: false, status: { phase: 'Pending', containerStatuses: [] } })
const refused = event(
  'shop',
  'Pod/late-1',
  'FailedScheduling',
  '0/1 nodes are available: 1 node(s) had untolerated taint(s). no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
)

describe('log-flood-diskpressure', () => {
  it('names who wrote by far the most, and all that suffer', async () => {
    const outcome = await evaluate(logFloodDiskpressure, {
      objects: [pressed, evicted('flood-1', low('40Gi')), evicted('innocent-1', low('20Mi')), waiting, refused],
    })
    expect(subjectsOf(outcome)).toEqual(['Pod shop/flood-1'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.rejections).toEqual([])
    expect(outcome.findings[0]?.affects?.map(({ name }) => name)).toEqual(['node-1', 'flood-1', 'innocent-1', 'late-1'])
  })

  it('names a log that grows like a flood', async () => {
    const line = (second: number) => `${ago(60 - second)} ${'x'.repeat(900)}\n`
    const log = Array.from({ length: 6000 }, (_, index) => line(Math.floor(index / 400))).join('')
    const outcome = await evaluate(logFloodDiskpressure, {
      objects: [pressed, pod('shop/flood-1')],
      logs: { 'shop/flood-1/app': log },
    })
    expect(outcome.findings).toMatchObject([{ kind: 'cause', strength: 'strong', subject: { name: 'flood-1' } }])
  })

  it('only names the mechanism when nobody stands out', async () => {
    const outcome = await evaluate(logFloodDiskpressure, {
      objects: [pressed, evicted('a-1', low('3Gi')), evicted('b-1', low('2Gi'))],
    })
    expect(outcome.findings).toMatchObject([{ kind: 'mechanism', subject: { kind: 'Node', name: 'node-1' } }])
  })

  it('is less sure, and says nothing of evictions, where nobody is known to have been evicted', async () => {
    const outcome = await evaluate(logFloodDiskpressure, { objects: [pressed, pod('shop/a-1')] })
    expect(outcome.findings).toMatchObject([{ kind: 'mechanism', strength: 'strong' }])
    expect(outcome.findings[0]?.says).not.toContain('evicted')
  })

  it('rejects a pressure that is over, and is quiet about pods evicted yesterday', async () => {
    const over = event('', 'Node/node-1', 'NodeHasDiskPressure', 'Node node-1 status is now: NodeHasDiskPressure', {
      type: 'Normal',
      last: 2400,
    })
    const outcome = await evaluate(logFloodDiskpressure, {
      objects: [node('node-1'), over, evicted('a-1', low('3Gi'), 90_000)],
    })
    expect([outcome.status, outcome.rejections.length]).toEqual(['clear', 1])
  })

  it('names who wrote little, but all that the node lacked, and whom the kubelet refused since', async () => {
    const scarce = (usage: string) =>
      `The node was low on resource: ephemeral-storage. Threshold quantity: 10Gi, available: 10384384Ki. Container app was using ${usage}, request is 0, has larger consumption of ephemeral-storage. `
    const refusedPod = evicted('late-2', 'Pod was rejected: The node had condition: [DiskPressure]. ')
    const outcome = await evaluate(logFloodDiskpressure, {
      objects: [pressed, evicted('flood-1', scarce('400Mi')), evicted('innocent-1', scarce('48Ki')), refusedPod],
    })
    expect(outcome.findings).toMatchObject([{ kind: 'cause', subject: { name: 'flood-1' } }])
    expect(outcome.findings[0]?.affects?.map(({ name }) => name)).toContain('late-2')
    const small = [pressed, evicted('a-1', scarce('90Mi')), evicted('b-1', scarce('48Ki'))]
    expect((await evaluate(logFloodDiskpressure, { objects: small })).findings[0]?.kind).toBe('mechanism')
  })

  it('reads who was evicted in the status of the pods, where no event and no condition tells when', async () => {
    const status = { phase: 'Failed', reason: 'Evicted', message: low('40Gi'), containerStatuses: [] }
    const old = (patch: Record<string, unknown> = {}) =>
      pod('shop/flood-1', { created: 9000, ready: false, status: { ...status, conditions: undefined }, ...patch })
    const judge = async (objects: readonly Thing[]) =>
      (await evaluate(logFloodDiskpressure, { objects, denied: ['events'] })).findings
    const findings = await judge([pressed, old()])
    expect(findings).toMatchObject([{ strength: 'strong', subject: { name: 'flood-1' }, from: Date.parse(ago(300)) }])
    expect(findings[0]?.says).toBe(
      'flood-1/app used 40Gi of ephemeral storage when it was evicted: 1 node (node-1) is short of disk and evicted 1 pod.',
    )
    expect(await judge([node('node-1'), old()])).toEqual([])
    const yesterday = { managedFields: [wrote('kubelet', 90_000, {}, 'Update', 'status')] }
    expect(await judge([pressed, old({ metadata: yesterday })])).toMatchObject([{ subject: { kind: 'Node' } }])
    const justNow = { managedFields: [wrote('kubelet', 200, {}, 'Update', 'status')] }
    expect(await judge([pressed, old({ metadata: justNow })])).toMatchObject([{ strength: 'proof' }])
  })

  it('believes pods that were evicted lately where nodes may not be read', async () => {
    const judge = async (seconds: number) =>
      (
        await evaluate(logFloodDiskpressure, {
          objects: [pressed, evicted('flood-1', low('40Gi'), seconds)],
          denied: ['nodes'],
        })
      ).findings
    expect(await judge(240)).toMatchObject([{ kind: 'cause', subject: { name: 'flood-1' } }])
    expect(await judge(90_000)).toEqual([])
  })
})
