import { describe, expect, it } from 'vitest'
import { readinessProbeFailing } from '../../../src/rules/workload/readiness-probe-failing.ts'
import { ago } from '../../incident/scene.ts'
import { event, pod, service } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const NAME = 'web-6c8f7d9b5-x7k2p'
const spec = (port: number) => ({
  ports: [{ containerPort: 8080 }],
  readinessProbe: { httpGet: { path: '/ready', port } },
})
const sick = (port = 8080, created = 900) =>
  pod(`shop/${NAME}`, { owner: 'ReplicaSet/web-6c8f7d9b5', created, ready: false, containers: [{ spec: spec(port) }] })
const said = (cause: string) =>
  event('shop', `Pod/${NAME}`, 'Unhealthy', `Readiness probe failed: ${cause}`, { count: 80, first: 880, last: 5 })
const REFUSED = 'Get "http://10.244.0.10:9090/ready": dial tcp 10.244.0.10:9090: connect: connection refused'

describe('readiness-probe-failing', () => {
  it('names a path that is not there', async () => {
    const outcome = await evaluate(readinessProbeFailing, {
      objects: [sick(), said('HTTP probe failed with statuscode: 404')],
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
  })

  it('names a port that the container does not declare', async () => {
    const outcome = await evaluate(readinessProbeFailing, { objects: [sick(9090), said(REFUSED)] })
    expect(outcome.findings[0]?.says).toContain('a port that the container does not declare')
  })

  it('only suggests where the application says so itself, and rejects where its calls fail', async () => {
    const unwell = said('HTTP probe failed with statuscode: 503')
    expect((await evaluate(readinessProbeFailing, { objects: [sick(), unwell] })).findings[0]?.strength).toBe('weak')
    const logs = {
      [`shop/${NAME}/app`]: `${ago(20)} ERROR dial tcp db.shop.svc.cluster.local:5432: connect: connection refused\n`,
    }
    const outcome = await evaluate(readinessProbeFailing, { objects: [sick(), unwell, service('shop/db')], logs })
    expect(outcome).toMatchObject({ status: 'clear', rejections: [{ kind: 'rejected' }] })
  })

  it('gives a pod time to start', async () => {
    expect((await evaluate(readinessProbeFailing, { objects: [sick(8080, 60), said(REFUSED)] })).status).toBe('clear')
  })

  it('names a wrong path although calls fail, and minds neither the calls of others nor those that do not fail', async () => {
    const call = `${ago(20)} ERROR dial tcp db.shop.svc.cluster.local:5432: connect: connection refused\n`
    const lost = said('HTTP probe failed with statuscode: 404')
    const own = { objects: [sick(), lost, service('shop/db')], logs: { [`shop/${NAME}/app`]: call } }
    expect((await evaluate(readinessProbeFailing, own)).findings[0]?.strength).toBe('strong')
    const env = [{ name: 'DB_URL', value: 'tcp://db:5432' }]
    const web = pod(`shop/${NAME}`, {
      owner: 'ReplicaSet/web-6c8f7d9b5',
      created: 900,
      ready: false,
      containers: [{ spec: { ...spec(8080), env } }],
    })
    const other = pod('shop/api-6c8f7d9b5-aaaaa', { owner: 'ReplicaSet/api-6c8f7d9b5' })
    const outcome = await evaluate(readinessProbeFailing, {
      objects: [web, said('HTTP probe failed with statuscode: 503'), service('shop/db'), other],
      logs: { 'shop/api-6c8f7d9b5-aaaaa/app': call },
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
  })
})
