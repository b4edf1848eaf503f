import { describe, expect, it } from 'vitest'
import { crashingContainers } from '../../../src/rules/generic/crashing-containers.ts'
import { failingJobs } from '../../../src/rules/generic/failing-jobs.ts'
import { servicesWithoutEndpoints } from '../../../src/rules/generic/services-without-endpoints.ts'
import { uncreatedPods } from '../../../src/rules/generic/uncreated-pods.ts'
import { unservedRoutes } from '../../../src/rules/generic/unserved-routes.ts'
import { waitingContainers } from '../../../src/rules/generic/waiting-containers.ts'
import { ago } from '../../incident/scene.ts'
import { endpointSlice, event, pod, replicaSet, service, thing, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const ended = (exitCode: number, at = 300) => ({
  terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', startedAt: ago(at + 5), finishedAt: ago(at) },
})
const waiting = { ready: false, restartCount: 0, state: { waiting: { reason: 'ContainerCreating' } } }

describe('crashing-containers', () => {
  it('is quiet about a job that came to its end at the second try', async () => {
    const container = { name: 'app', ready: false, restartCount: 1, state: ended(0), lastState: ended(1, 400) }
    const done = pod('ops/report-1-aaaaa', {
      owner: 'Job/report-1',
      ready: false,
      status: { phase: 'Succeeded', containerStatuses: [container] },
    })
    expect((await evaluate(crashingContainers, { objects: [done] })).findings).toEqual([])
  })

  it('takes little notice of a program that began again several times, and runs for minutes since', async () => {
    const strength = async (runs: number) => {
      const status = { restartCount: 3, state: { running: { startedAt: ago(runs) } }, lastState: ended(1, runs + 10) }
      const objects = [pod('shop/web-1', { containers: [{ status }] })]
      return (await evaluate(crashingContainers, { objects })).findings[0]?.strength
    }
    expect(await strength(390)).toBe('weak')
    expect(await strength(120)).toBe('proof')
  })
})

describe('waiting-containers', () => {
  it('is quiet about a pod that has failed, and shows one of which its node says nothing', async () => {
    const evicted = pod('shop/web-1', {
      ready: false,
      containers: [{ status: waiting }],
      status: { phase: 'Failed', reason: 'Evicted' },
    })
    expect((await evaluate(waitingContainers, { objects: [evicted] })).findings).toEqual([])
    const silent = (created: number) =>
      pod('shop/web-1', {
        created,
        ready: false,
        status: { phase: 'Pending', startTime: undefined, containerStatuses: undefined },
      })
    const outcome = await evaluate(waitingContainers, { objects: [silent(900)] })
    expect(subjectsOf(outcome)).toEqual(['Pod shop/web-1'])
    expect(outcome.findings[0]?.says).toContain('node-1')
    expect((await evaluate(waitingContainers, { objects: [silent(20)] })).findings).toEqual([])
  })
})

describe('services-without-endpoints', () => {
  const name = 'shop/web-6b7c8d9f5-aaaaa'
  const owner = 'ReplicaSet/web-6b7c8d9f5'
  const empty = [service('shop/web'), endpointSlice('shop/web', [])]

  it('takes little notice of a Service that nothing would match and nobody calls', async () => {
    const strength = async (env: readonly unknown[], logs: Record<string, string> = {}) => {
      const caller = pod('shop/shop-1', { containers: [{ spec: { env } }] })
      const scene = { objects: [...empty, caller], logs: { 'shop/shop-1/app': `${ago(60)} INFO ready\n`, ...logs } }
      return (await evaluate(servicesWithoutEndpoints, scene)).findings[0]?.strength
    }
    expect(await strength([])).toBe('weak')
    expect(await strength([{ name: 'WEB_URL', value: 'http://web.shop:80' }])).toBe('proof')
    const calls = { 'shop/shop-1/app': `${ago(60)} ERROR Get "http://web.shop:80/": context deadline exceeded\n` }
    expect(await strength([], calls)).toBe('proof')
    expect((await evaluate(servicesWithoutEndpoints, { objects: empty })).findings[0]?.strength).toBe('proof')
  })

  it('gives a pod that has just been made time to start', async () => {
    const starts = (created: number) =>
      pod(name, { owner, created, labels: { app: 'web' }, ready: false, containers: [{ status: { ready: false } }] })
    expect((await evaluate(servicesWithoutEndpoints, { objects: [...empty, starts(10)] })).findings).toEqual([])
    expect((await evaluate(servicesWithoutEndpoints, { objects: [...empty, starts(300)] })).findings).toHaveLength(1)
  })

  it('shows a Service of which only evicted pods are left, and none that is scaled to zero', async () => {
    const gone = pod(name, {
      owner,
      labels: { app: 'web' },
      ready: false,
      status: { phase: 'Failed', reason: 'Evicted', containerStatuses: undefined },
    })
    const of = (replicas: number) => ({ objects: [...empty, gone, workload('Deployment', 'shop/web', {}, replicas)] })
    expect(subjectsOf(await evaluate(servicesWithoutEndpoints, of(1)))).toEqual(['Service shop/web'])
    expect((await evaluate(servicesWithoutEndpoints, of(0))).findings).toEqual([])
  })
})

describe('uncreated-pods', () => {
  const refusal = (about: string) =>
    event('shop', about, 'FailedCreate', 'Error creating: pods "x" is forbidden: exceeded quota: q', { last: 600 })

  it('shows a rollout whose new pods are refused while the old ones stay', async () => {
    const objects = [
      workload('Deployment', 'shop/web'),
      replicaSet('shop/web-6b7c8d9f5', 'web', 1),
      replicaSet('shop/web-7c8d9f5b6', 'web', 2),
      pod('shop/web-6b7c8d9f5-aaaaa', { owner: 'ReplicaSet/web-6b7c8d9f5' }),
      refusal('ReplicaSet/web-7c8d9f5b6'),
    ]
    expect(subjectsOf(await evaluate(uncreatedPods, { objects }))).toEqual(['Deployment shop/web'])
  })

  it('is quiet about a job that was refused once and is done', async () => {
    const job = (status: Record<string, unknown>) =>
      thing('batch/v1', 'Job', 'shop/report-1', {
        metadata: { ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'report', controller: true }] },
        spec: { parallelism: 1 },
        status,
      })
    const of = (status: Record<string, unknown>) => ({ objects: [job(status), refusal('Job/report-1')] })
    expect((await evaluate(uncreatedPods, of({ succeeded: 1, completionTime: ago(500) }))).findings).toEqual([])
    expect((await evaluate(uncreatedPods, of({}))).findings).toHaveLength(1)
  })

  it('tells a workload without pods once, by the words of the refusal where there are some', async () => {
    const empty = workload('StatefulSet', 'shop/db', {
      status: { replicas: 0, readyReplicas: 0, updatedReplicas: 0, availableReplicas: 0 },
    })
    const told = await evaluate(uncreatedPods, { objects: [empty, refusal('StatefulSet/db')] })
    expect(told.findings).toMatchObject([{ says: expect.stringContaining('exceeded quota') }])
    expect(subjectsOf(await evaluate(uncreatedPods, { objects: [empty] }))).toEqual(['StatefulSet shop/db'])
  })

  it('is quiet about a refusal of hours ago', async () => {
    const old = event('shop', 'Job/report-1', 'FailedCreate', 'exceeded quota: q', { last: 9000 })
    expect((await evaluate(uncreatedPods, { objects: [old] })).findings).toEqual([])
  })
})

describe('failing-jobs', () => {
  it('tells jobs of the same name in two namespaces apart', async () => {
    const job = (place: string) =>
      thing('batch/v1', 'Job', place, {
        metadata: { uid: `uid-${place}` },
        status: {
          conditions: [
            { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', lastTransitionTime: ago(300) },
          ],
        },
      })
    const outcome = await evaluate(failingJobs, { objects: [job('ops/backup'), job('shop/backup')] })
    expect(subjectsOf(outcome)).toEqual(['Job ops/backup', 'Job shop/backup'])
  })
})

describe('unserved-routes', () => {
  it('shows an Ingress of today that leads nowhere, and not one that was left behind', async () => {
    const to = { backend: { service: { name: 'web', port: { number: 80 } } } }
    const ingress = (created: number) =>
      thing('networking.k8s.io/v1', 'Ingress', 'shop/web', {
        metadata: { creationTimestamp: ago(created) },
        spec: { ingressClassName: 'nginx', rules: [{ host: 'web.example', http: { paths: [{ path: '/', ...to }] } }] },
      })
    const of = (created: number) => ({
      objects: [thing('networking.k8s.io/v1', 'IngressClass', 'nginx'), ingress(created)],
    })
    expect(subjectsOf(await evaluate(unservedRoutes, of(900)))).toEqual(['Ingress shop/web'])
    expect((await evaluate(unservedRoutes, of(90_000_000))).findings).toEqual([])
  })
})
