import { describe, expect, it } from 'vitest'
import { readinessDependsOnDependency as rule } from '../../../src/rules/workload/readiness-depends-on-dependency.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { crashed, endpointSlice, event, pod, service } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const HTTP = 'Readiness probe failed: HTTP probe failed with statuscode: 503'
const name = (suffix: string) => `web-6c8f7d9b5-${suffix}`
const web = (suffix: string, options: Parameters<typeof pod>[1] = {}) =>
  pod(`shop/${name(suffix)}`, { owner: 'ReplicaSet/web-6c8f7d9b5', labels: { app: 'web' }, ready: false, ...options })
const failed = (suffix: string, words = HTTP) =>
  event('shop', `Pod/${name(suffix)}`, 'Unhealthy', words, { count: 20, first: 600 })
const db: readonly Thing[] = [
  service('shop/db'),
  pod('shop/db-6c8f7d9b5-aaaaa', { owner: 'ReplicaSet/db-6c8f7d9b5', labels: { app: 'db' }, ready: false }),
  endpointSlice('shop/db', [{ pod: 'db-6c8f7d9b5-aaaaa', ready: false }]),
]
const calls = (...suffixes: readonly string[]) =>
  Object.fromEntries(
    suffixes.map((suffix) => [
      `shop/${name(suffix)}/app`,
      `${ago(4000)} started\n${`${ago(30)} ERROR dial tcp db.shop.svc.cluster.local:5432: connect: connection refused\n`.repeat(12)}`,
    ]),
  )

describe('readiness-depends-on-dependency', () => {
  it('names the workload, the call that fails and the Service that is empty for it', async () => {
    const objects = [
      ...db,
      ...['aaaaa', 'bbbbb'].flatMap((one) => [web(one), failed(one)]),
      service('shop/web'),
      endpointSlice('shop/web', [
        { pod: name('aaaaa'), ready: false },
        { pod: name('bbbbb'), ready: false },
      ]),
    ]
    const outcome = await evaluate(rule, { objects, logs: calls('aaaaa', 'bbbbb') })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'mechanism', strength: 'strong' })
    expect(outcome.findings[0]?.says).toContain('2 pods of web')
    expect(outcome.findings[0]?.says).toContain('db')
    expect(outcome.findings[0]?.says).toContain('has no endpoint left')
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Pod', namespace: 'shop', name: name('bbbbb') })
  })

  it('is only a suspicion where the probe runs out of time', async () => {
    const late = failed(
      'aaaaa',
      'Readiness probe failed: Get "http://10.244.0.10:8080/ready": context deadline exceeded',
    )
    const outcome = await evaluate(rule, { objects: [...db, web('aaaaa'), late], logs: calls('aaaaa') })
    expect(outcome.findings[0]?.strength).toBe('weak')
  })

  it('rejects pods of one node where those of others are ready, and probes without a failing call', async () => {
    const well = web('bbbbb', { node: 'node-2', ready: true })
    const one = await evaluate(rule, { objects: [...db, web('aaaaa'), well, failed('aaaaa')], logs: calls('aaaaa') })
    expect(one.findings).toEqual([])
    expect(one.rejections[0]?.says).toContain('node-1')
    const alone = await evaluate(rule, { objects: [...db, web('aaaaa'), failed('aaaaa')] })
    expect(alone.findings).toEqual([])
    expect(alone.rejections).toHaveLength(1)
  })

  it.each([
    ['a pod that is ready again', web('aaaaa', { ready: true })],
    ['a pod that is being deleted', web('aaaaa', { metadata: { deletionTimestamp: ago(-20) } })],
    ['a container that crashes', web('aaaaa', { containers: [{ status: crashed() }] })],
  ])('is quiet about %s', async (_, one) => {
    const outcome = await evaluate(rule, { objects: [...db, one, failed('aaaaa')], logs: calls('aaaaa') })
    expect(outcome.status).toBe('clear')
  })

  it('is quiet about a liveness probe', async () => {
    const live = failed('aaaaa', HTTP.replace('Readiness', 'Liveness'))
    expect((await evaluate(rule, { objects: [...db, web('aaaaa'), live], logs: calls('aaaaa') })).status).toBe('clear')
  })

  it('takes neither the failing calls of others nor calls that do not fail for the reason', async () => {
    const other = pod('shop/api-6c8f7d9b5-aaaaa', { owner: 'ReplicaSet/api-6c8f7d9b5' })
    const logs = { 'shop/api-6c8f7d9b5-aaaaa/app': calls('aaaaa')[`shop/${name('aaaaa')}/app`] ?? '' }
    const env = [{ name: 'DB_URL', value: 'tcp://db:5432' }]
    const objects = [...db, web('aaaaa', { containers: [{ spec: { env } }] }), failed('aaaaa'), other]
    expect(await evaluate(rule, { objects, logs })).toMatchObject({
      findings: [],
      rejections: [{ subject: { name: 'web' }, says: expect.stringContaining('no failing call of it') }],
    })
  })
})
