import { describe, expect, it } from 'vitest'
import { probeDrivenHealLoop } from '../../../src/rules/healing/probe-driven-heal-loop.ts'
import type { Thing } from '../../incident/scene.ts'
import { crashed, event, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const killed = (name: string) => [
  pod(`shop/${name}-6c8f7d9b5-x7k2p`, {
    owner: `ReplicaSet/${name}-6c8f7d9b5`,
    ready: false,
    containers: [{ status: crashed({ exitCode: 137 }) }],
  }),
  event('shop', `Pod/${name}-6c8f7d9b5-x7k2p`, 'Killing', 'Container app failed liveness probe, will be restarted', {
    type: 'Normal',
    count: 5,
    first: 1200,
  }),
]

describe('probe-driven-heal-loop', () => {
  it('sees the loop over several workloads', async () => {
    const outcome = await evaluate(probeDrivenHealLoop, { objects: ['web', 'api', 'ads'].flatMap(killed) })
    expect(subjectsOf(outcome)).toEqual(['Namespace shop'])
    expect(outcome.findings[0]?.kind).toBe('amplifier')
  })

  it('leaves one workload to its own probe', async () => {
    expect((await evaluate(probeDrivenHealLoop, { objects: ['web', 'api'].flatMap(killed) })).status).toBe('clear')
  })

  it('counts neither a first restart nor a crash without a failed probe', async () => {
    const [, kill] = killed('ads')
    const status = { owner: 'ReplicaSet/ads-6c8f7d9b5', ready: false }
    const once = pod('shop/ads-6c8f7d9b5-x7k2p', {
      ...status,
      containers: [{ status: crashed({ exitCode: 137, restarts: 1 }) }],
    })
    const alone = pod('shop/ads-6c8f7d9b5-x7k2p', { ...status, containers: [{ status: crashed() }] })
    for (const third of [[once, kill as Thing], [alone]])
      expect(
        (await evaluate(probeDrivenHealLoop, { objects: [...['web', 'api'].flatMap(killed), ...third] })).status,
      ).toBe('clear')
  })
})
