import { describe, expect, it } from 'vitest'
import { retryStormMetastable } from '../../../src/rules/healing/retry-storm-metastable.ts'
import { ago } from '../../incident/scene.ts'
import { endpointSlice, pod, service } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const db = (readySince: number) =>
  pod('shop/db-0', {
    labels: { app: 'db' },
    status: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: ago(readySince) }] },
  })
const scene = (readySince: number, lines: number, last = 10, host = 'db.shop.svc.cluster.local') => ({
  objects: [
    service('shop/db'),
    endpointSlice('shop/db', [{ pod: 'db-0', ready: true }]),
    db(readySince),
    pod('shop/web-6c8f7d9b5-x7k2p', { owner: 'ReplicaSet/web-6c8f7d9b5' }),
  ],
  logs: {
    'shop/web-6c8f7d9b5-x7k2p/app': Array.from(
      { length: lines },
      (_, index) => `${ago(last + 890 - Math.floor((index * 890) / lines))} ERROR dial tcp ${host}:5432: i/o timeout\n`,
    ).join(''),
  },
})

describe('retry-storm-metastable', () => {
  it('sees callers that go on after the callee is back', async () => {
    const outcome = await evaluate(retryStormMetastable, scene(600, 2000))
    expect(subjectsOf(outcome)).toEqual(['Service shop/db'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'amplifier', strength: 'weak' })
  })

  it('is quiet about clients that wait between attempts, and a callee that was never away', async () => {
    for (const one of [scene(600, 200), scene(3600, 2000)])
      expect((await evaluate(retryStormMetastable, one)).status).toBe('clear')
  })

  it('is quiet once the storm is over, and about a host of which the bundle knows nothing', async () => {
    for (const one of [scene(1500, 2000, 720), scene(600, 2000, 10, 'db.example.com')])
      expect((await evaluate(retryStormMetastable, one)).status).toBe('clear')
  })
})
