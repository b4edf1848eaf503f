import { describe, expect, it } from 'vitest'
import { spotInterruption } from '../../../src/rules/node/spot-interruption.ts'
import { event, node, pod, thing, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const warned = event('', 'NodeClaim/pool-x1', 'SpotInterrupted', 'Spot interruption warning was triggered')
const claim = thing('karpenter.sh/v1', 'NodeClaim', 'pool-x1', { status: { nodeName: 'node-1' } })

describe('spot-interruption', () => {
  it('names the node of the claim, and the workload that lacks what ran there', async () => {
    const killed = event('shop', 'Pod/web-6c8f7d9b5-aaaaa', 'Killing', 'Stopping container app', {
      type: 'Normal',
      host: 'node-1',
    })
    const objects = [
      warned,
      claim,
      killed,
      pod('shop/web-6c8f7d9b5-bbbbb', {
        owner: 'ReplicaSet/web-6c8f7d9b5',
        node: '',
        ready: false,
        status: { phase: 'Pending', containerStatuses: [] },
      }),
      workload('Deployment', 'shop/web', { status: { readyReplicas: 0 } }),
    ]
    const dead = event('shop', 'ReplicaSet/web-6c8f7d9b5', 'SuccessfulCreate', 'Created pod: web-6c8f7d9b5-bbbbb', {
      type: 'Normal',
    })
    const outcome = await evaluate(spotInterruption, { objects: [...objects, dead] })
    expect(subjectsOf(outcome)).toEqual(['Node node-1'])
    expect(outcome.findings[0]?.kind).toBe('cause')
    const known = pod('shop/web-6c8f7d9b5-aaaaa', { owner: 'ReplicaSet/web-6c8f7d9b5', ready: false })
    const left = await evaluate(spotInterruption, { objects: [...objects, known] })
    expect(left.findings[0]?.kind).toBe('cause')
  })

  it('calls it a risk where nothing lacks the node, and is quiet about a rebalance recommendation', async () => {
    expect((await evaluate(spotInterruption, { objects: [node('node-1'), warned, claim] })).findings[0]?.kind).toBe(
      'risk',
    )
    const advice = event(
      '',
      'NodeClaim/pool-x1',
      'SpotRebalanceRecommendation',
      'Spot rebalance recommendation was triggered',
    )
    expect((await evaluate(spotInterruption, { objects: [node('node-1'), advice, claim] })).status).toBe('clear')
  })

  it('reads what AKS plans with a machine, and takes no freeze or restart for a spot machine', async () => {
    const planned = (message: string) =>
      event('', 'Node/node-1', 'PreemptScheduled', message, { component: 'vmss-scheduled-events' })
    const of = async (message: string) =>
      (await evaluate(spotInterruption, { objects: [node('node-1'), planned(message)] })).findings.length
    expect(await of('Preempt Scheduled: Sun, 01 Feb 2026 12:05:00 GMT')).toBe(1)
    expect(await of('Freeze Scheduled: Sun, 01 Feb 2026 12:05:00 GMT')).toBe(0)
    expect(await of('Reboot Scheduled: Sun, 01 Feb 2026 12:05:00 GMT')).toBe(0)
  })
})
