import { describe, expect, it } from 'vitest'
import { serviceHasNoReadyEndpoints } from '../../../src/rules/workload/service-has-no-ready-endpoints.ts'
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
})
