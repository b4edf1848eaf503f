import { describe, expect, it } from 'vitest'
import { sgForPodsBranchEniExhausted } from '../../../src/rules/network/sg-for-pods-branch-eni-exhausted.ts'
import { ago } from '../../incident/scene.ts'
import { event, pod, service } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { refused, waiting } from './addresses.ts'

const pending = pod('shop/web-1', {
  node: '',
  ready: false,
  status: { phase: 'Pending' },
  containers: [],
  labels: { app: 'web' },
})
const lacks = (what: string) =>
  event('shop', 'Pod/web-1', 'FailedScheduling', `0/3 nodes are available: 3 Insufficient ${what}.`, {
    component: 'default-scheduler',
  })
const ENI = lacks('vpc.amazonaws.com/pod-eni')
const statusOf = async (...objects: Parameters<typeof evaluate>[1]['objects']) =>
  (await evaluate(sgForPodsBranchEniExhausted, { objects })).status

describe('sg-for-pods-branch-eni-exhausted', () => {
  it('is what the scheduler lacks', async () => {
    const outcome = await evaluate(sgForPodsBranchEniExhausted, { objects: [pending, ENI, service('shop/web')] })
    expect(subjectsOf(outcome)).toEqual(['Pod shop/web-1'])
    expect(outcome.findings[0]?.says).toContain('vpc.amazonaws.com/pod-eni')
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Service', namespace: 'shop', name: 'web' })
  })

  it('is what the plugin has no trunk for', async () => {
    const said = refused('web-1', 'add cmd: failed to setup branch ENI network')
    expect(await statusOf(waiting('web-1', 'n1'), said)).toBe('fired')
  })

  it('is over when the pod has its network, ready or not', async () => {
    expect(await statusOf(pod('shop/web-1'), ENI)).toBe('clear')
    expect(await statusOf(pod('shop/web-1', { ready: false }), ENI)).toBe('clear')
  })

  it('is not a lack of processors, nor of ordinary addresses', async () => {
    expect(await statusOf(pending, lacks('cpu'))).toBe('clear')
    const said = refused('web-1', 'add cmd: failed to assign an IP address to container')
    expect(await statusOf(waiting('web-1', 'n1'), said)).toBe('clear')
  })

  it('is over when nobody has said it for long, or the pod is given up', async () => {
    const before = { ...ENI, firstTimestamp: ago(7200), lastTimestamp: ago(7200) }
    expect(await statusOf(pending, before)).toBe('clear')
    const leaving = { ...pending, metadata: { ...(pending.metadata as object), deletionTimestamp: ago(-20) } }
    expect(await statusOf(leaving, ENI)).toBe('clear')
  })
})
