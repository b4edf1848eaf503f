import { describe, expect, it } from 'vitest'
import { serviceHasNoReadyEndpoints } from '../../../src/rules/workload/service-has-no-ready-endpoints.ts'
import { ago } from '../../incident/scene.ts'
import { endpointSlice, pod, service, thing, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const labels = { app: 'web' }

describe('service-has-no-ready-endpoints', () => {
  it('is a mechanism: none of its pods is ready', async () => {
    const outcome = await evaluate(serviceHasNoReadyEndpoints, {
      objects: [
        service('shop/web'),
        pod('shop/web-1', { labels, ready: false }),
        endpointSlice('shop/web', [{ pod: 'web-1', ready: false }]),
      ],
    })
    expect(subjectsOf(outcome)).toEqual(['Service shop/web'])
    expect(outcome.findings[0]?.kind).toBe('mechanism')
  })

  it('is quiet while one is', async () => {
    const outcome = await evaluate(serviceHasNoReadyEndpoints, {
      objects: [
        service('shop/web'),
        pod('shop/web-1', { labels, ready: false }),
        pod('shop/web-2', { labels }),
        endpointSlice('shop/web', [
          { pod: 'web-1', ready: false },
          { pod: 'web-2', ready: true },
        ]),
      ],
    })
    expect(outcome.status).toBe('clear')
  })

  it('rejects what was scaled to zero, and knows Services that no pod is meant to answer for', async () => {
    const objects = [service('shop/web'), workload('Deployment', 'shop/web', {}, 0)]
    const outcome = await evaluate(serviceHasNoReadyEndpoints, { objects })
    expect(outcome).toMatchObject({ status: 'clear', rejections: [{ kind: 'rejected' }] })
    const outside = thing('v1', 'Service', 'shop/db', {
      spec: { type: 'ExternalName', externalName: 'db.example.com' },
    })
    expect((await evaluate(serviceHasNoReadyEndpoints, { objects: [outside] })).rejections).toEqual([])
  })

  it('leaves out pods of Jobs that are done', async () => {
    const done = pod('shop/load-1', { labels, owner: 'Job/load', ready: false, status: { phase: 'Succeeded' } })
    expect((await evaluate(serviceHasNoReadyEndpoints, { objects: [service('shop/web'), done] })).status).toBe('clear')
  })

  it('gives a single pod that is replaced a moment', async () => {
    const young = pod('shop/web-1', { labels, ready: false, created: 20 })
    const objects = [service('shop/web'), young, endpointSlice('shop/web', [{ pod: 'web-1', ready: false }])]
    expect((await evaluate(serviceHasNoReadyEndpoints, { objects })).findings).toEqual([])
  })

  it.each([
    ['within the time of its startup probe', { age: 200 }, 0],
    ['after it', { age: 400 }, 1],
    ['when it ended before', { age: 200, restartCount: 1 }, 1],
    ['when it is up and not ready', { age: 200, started: true }, 1],
    ['when it says an error', { age: 200, log: 'ERROR cannot connect to db:5432: connection refused' }, 1],
  ])('leaves an only replica to its startup probe: %s', async (_, { age, ...rest }, times) => {
    const { log = 'INFO loading', ...status }: { log?: string; restartCount?: number; started?: boolean } = rest
    const startupProbe = { tcpSocket: { port: 8080 }, initialDelaySeconds: 10, periodSeconds: 10, failureThreshold: 30 }
    const state = { running: { startedAt: ago(age) } }
    const starting = pod('shop/web-1', {
      labels,
      ready: false,
      created: age + 5,
      containers: [{ spec: { startupProbe }, status: { started: false, state, ...status } }],
    })
    const { findings } = await evaluate(serviceHasNoReadyEndpoints, {
      objects: [service('shop/web'), starting, endpointSlice('shop/web', [{ pod: 'web-1', ready: false }])],
      logs: { 'shop/web-1/app': `${ago(age - 5)} ${log}\n` },
    })
    expect(findings).toHaveLength(times)
  })
})
