import { describe, expect, it } from 'vitest'
import { nonGracefulTermination5xx } from '../../../src/rules/workload/non-graceful-termination-5xx.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { event, pod, service } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const objects = [
  service('shop/web'),
  pod('shop/web-6c8f7d9b5-abcde', { owner: 'ReplicaSet/web-6c8f7d9b5', labels: { app: 'web' }, created: 300 }),
  pod('shop/api-7d9f8c6b5-fghij', { owner: 'ReplicaSet/api-7d9f8c6b5' }),
  event('shop', 'Pod/web-6c8f7d9b5-older', 'Killing', 'Stopping container app', { type: 'Normal', last: 300 }),
]
const web = {
  ...(objects[3] as object),
  involvedObject: { kind: 'Pod', namespace: 'shop', name: 'web-6c8f7d9b5-abcde' },
} as never
const refused = (...seconds: number[]) => ({
  'shop/api-7d9f8c6b5-fghij/app': seconds
    .map((at) => `${ago(at)} ERROR dial tcp web.shop.svc.cluster.local:80: connect: connection refused\n`)
    .join(''),
})

describe('non-graceful-termination-5xx', () => {
  it('fires where calls fail only at the end of a pod', async () => {
    const outcome = await evaluate(nonGracefulTermination5xx, {
      objects: [...objects.slice(0, 3), web],
      logs: refused(299, 298, 297, 295),
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]?.says).toContain('no preStop hook')
  })

  it('rejects failures between the ends of pods', async () => {
    const outcome = await evaluate(nonGracefulTermination5xx, {
      objects: [...objects.slice(0, 3), web],
      logs: refused(299, 200, 100, 20),
    })
    expect(outcome).toMatchObject({ status: 'clear', rejections: [{ kind: 'rejected' }] })
  })

  it('is quiet about two failures, and about a Service that no pod is left of', async () => {
    expect(
      await evaluate(nonGracefulTermination5xx, { objects: [...objects.slice(0, 3), web], logs: refused(299, 298) }),
    ).toMatchObject({ findings: [], rejections: [] })
    const [callee, , caller] = objects as [Thing, Thing, Thing]
    expect(
      (await evaluate(nonGracefulTermination5xx, { objects: [callee, caller], logs: refused(299, 298, 297) })).status,
    ).toBe('clear')
  })

  it('is quiet without the end of a pod', async () => {
    expect(
      (await evaluate(nonGracefulTermination5xx, { objects: objects.slice(0, 3), logs: refused(299, 298, 297) }))
        .status,
    ).toBe('clear')
  })
})
