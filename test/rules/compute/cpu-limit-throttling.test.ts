import { describe, expect, it } from 'vitest'
import { openBundle } from '../../../src/bundle/reader.ts'
import { readIncident } from '../../../src/incident/incident.ts'
import { cpuLimitThrottling } from '../../../src/rules/compute/cpu-limit-throttling.ts'
import { evaluateRules } from '../../../src/rules/evaluate.ts'
import { cadvisor, throttled } from '../../incident/kubelet-answers.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, event, node, pod, replicaSet, service, thing, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const LATE =
  'Liveness probe failed: Get "http://10.244.0.10:8080/healthz": context deadline exceeded (Client.Timeout exceeded while awaiting headers)'

function late(name: string, cpu?: string, exitCode = 137) {
  return [
    pod(`shop/${name}`, {
      containers: [
        { spec: cpu === undefined ? {} : { resources: { limits: { cpu } } }, status: crashed({ exitCode }) },
      ],
      ready: false,
    }),
    event('shop', `Pod/${name}`, 'Unhealthy', LATE, { count: 9, container: 'app' }),
  ]
}

function usage(cpu: string) {
  return thing('metrics.k8s.io/v1beta1', 'PodMetrics', 'shop/web-1', {
    containers: [{ name: 'app', usage: { cpu, memory: '30Mi' } }],
  })
}

describe('cpu-limit-throttling', () => {
  it('is sure of the recorded incident, by what the kernel counted and by the limit that was lowered', async () => {
    const bundle = await openBundle('fixtures/incidents/cpu-throttling-liveness-kills/bundle.tar.gz')
    const [outcome] = evaluateRules(await readIncident(bundle), [cpuLimitThrottling])
    await bundle.close()
    expect(outcome?.findings).toMatchObject([{ strength: 'proof', subject: { kind: 'Deployment', name: 'catalog' } }])
    expect(outcome?.findings[0]?.says).toMatch(/from 500m to 50m; the kernel held .* up in \d+ of \d+ periods/)
    expect(outcome?.findings[0]?.cites.some(({ file }) => file.startsWith('nodes/'))).toBe(true)
  })

  it('recognises it by the limit alone where no node was asked', async () => {
    const bundle = await openBundle('fixtures/incidents/cpu-throttling-liveness-kills/bundle.tar.gz')
    const files = new Map([...bundle.files].filter(([path]) => !path.startsWith('nodes/')))
    const [outcome] = evaluateRules(await readIncident({ ...bundle, files }), [cpuLimitThrottling])
    await bundle.close()
    expect(outcome?.findings).toMatchObject([{ strength: 'strong', subject: { kind: 'Deployment', name: 'catalog' } }])
    expect(outcome?.findings[0]?.says).toContain('from 500m to 50m')
  })

  it('only suggests it for a tight limit', async () => {
    const outcome = await evaluate(cpuLimitThrottling, { objects: [node('node-1'), ...late('web-1', '100m')] })
    expect(subjectsOf(outcome)).toEqual(['Pod shop/web-1'])
    expect(outcome.findings[0]?.strength).toBe('weak')
  })

  it('is surer when usage is at the limit, and rejects when it is far below', async () => {
    const running = pod('shop/web-1', {
      containers: [{ spec: { resources: { limits: { cpu: '500m' } } } }],
      ready: false,
    })
    const [, unhealthy] = late('web-1')
    if (!unhealthy) throw new Error('no event')
    const full = await evaluate(cpuLimitThrottling, { objects: [running, unhealthy, usage('498m')] })
    expect(full.findings[0]?.strength).toBe('strong')
    const idle = await evaluate(cpuLimitThrottling, { objects: [running, unhealthy, usage('20m')] })
    expect([idle.status, idle.rejections.length]).toEqual(['clear', 1])
  })

  it('is quiet without a limit, and rejects a program that ended by itself or a node on which all is slow', async () => {
    expect((await evaluate(cpuLimitThrottling, { objects: late('web-1') })).status).toBe('clear')
    expect((await evaluate(cpuLimitThrottling, { objects: late('web-1', '100m', 2) })).rejections).toHaveLength(1)
    const all = [...late('web-1', '100m'), ...late('db-1'), ...late('mail-1')]
    expect((await evaluate(cpuLimitThrottling, { objects: all })).status).toBe('clear')
  })

  it('calls a container at its limit a risk, and the cause once callers wait too long for it', async () => {
    const labels = { app: 'web' }
    const full = pod('shop/web-1', { labels, containers: [{ spec: { resources: { limits: { cpu: '500m' } } } }] })
    const objects = [full, usage('499m'), service('shop/web'), pod('shop/shop-1')]
    expect((await evaluate(cpuLimitThrottling, { objects })).findings.map(({ kind }) => kind)).toEqual(['risk'])
    const logs = { 'shop/shop-1/app': `${ago(60)} ERROR Get "http://web.shop:80/": context deadline exceeded\n` }
    const outcome = await evaluate(cpuLimitThrottling, { objects, logs })
    expect(outcome.findings).toMatchObject([{ kind: 'cause', strength: 'strong' }])
    expect(outcome.findings[0]?.affects).toMatchObject([{ name: 'shop-1' }])
  })

  it('suspects a limit that was lowered when the program no longer comes up in time', async () => {
    const generation = (name: string, revision: number, cpu: string) =>
      replicaSet(`shop/${name}`, 'web', revision, {
        metadata: { creationTimestamp: ago(1800) },
        spec: { template: { spec: { containers: [{ name: 'app', resources: { limits: { cpu } } }] } } },
      })
    const about = 'Pod/web-6c8f7d9b5-abcde'
    const refused = 'Liveness probe failed: dial tcp 10.244.0.10:8080: connect: connection refused'
    const objects = [
      generation('web-5d5d5d5d5', 1, '1'),
      generation('web-6c8f7d9b5', 2, '50m'),
      pod('shop/web-6c8f7d9b5-abcde', {
        owner: 'ReplicaSet/web-6c8f7d9b5',
        ready: false,
        containers: [{ spec: { resources: { limits: { cpu: '50m' } } }, status: crashed({ exitCode: 143 }) }],
      }),
      event('shop', about, 'Unhealthy', refused, { count: 9, container: 'app' }),
      event('shop', about, 'Killing', 'Container app failed liveness probe, will be restarted', { container: 'app' }),
    ]
    expect((await evaluate(cpuLimitThrottling, { objects })).findings[0]?.strength).toBe('weak')
    expect((await evaluate(cpuLimitThrottling, { objects: objects.slice(1) })).status).toBe('clear')
  })

  describe('without measures of what is used', () => {
    const generation = (name: string, revision: number, created: number, cpu?: string) =>
      replicaSet(`shop/${name}`, 'geo', revision, {
        metadata: { creationTimestamp: ago(created) },
        spec: {
          template: {
            spec: { containers: [{ name: 'app', resources: cpu === undefined ? {} : { limits: { cpu } } }] },
          },
        },
      })
    const scene = (before: string | undefined, after: string, since = 600) => ({
      objects: [
        node('node-1'),
        workload('Deployment', 'shop/geo'),
        generation('geo-5d9c7', 1, 90_000, before),
        generation('geo-7b8c9', 2, 700, after),
        pod('shop/geo-7b8c9-1', {
          owner: 'ReplicaSet/geo-7b8c9',
          labels: { app: 'geo' },
          created: 699,
          containers: [{ spec: { resources: { limits: { cpu: after } } } }],
        }),
        service('shop/geo', { spec: { clusterIP: '10.96.0.31' } }),
        pod('shop/search-1', { owner: 'ReplicaSet/search-6c8f7d9b5', labels: { app: 'search' } }),
      ],
      logs: {
        'shop/search-1/app': [since, 300, 20]
          .map((at) => `${ago(at)} ERROR dial tcp 10.96.0.31:80: i/o timeout\n`)
          .join(''),
      },
    })

    it.each([
      ['set first, and tight', undefined, '10m'],
      ['cut to a tenth', '500m', '50m'],
    ])('suggests it where a limit was %s before callers began to wait', async (_, before, after) => {
      const outcome = await evaluate(cpuLimitThrottling, scene(before, after))
      expect(subjectsOf(outcome)).toEqual(['Deployment shop/geo'])
      expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong', against: [{}] })
      expect(outcome.findings[0]?.says).toContain('search waits too long')
    })

    it.each([
      ['halved', '500m', '250m', 600, 0],
      ['set first, and ample', undefined, '2', 600, 0],
      ['cut after callers had begun to wait', '500m', '50m', 3000, 1],
    ])('does not where it was %s', async (_, before, after, since, rejected) => {
      const outcome = await evaluate(cpuLimitThrottling, scene(before, after, since))
      expect([outcome.status, outcome.rejections.length]).toEqual(['clear', rejected])
    })
  })
})

describe('cpu-limit-throttling by counters', () => {
  const limited = (name: string, ready = false) =>
    pod(`shop/${name}`, {
      owner: 'ReplicaSet/web-5d',
      labels: { app: 'web' },
      containers: [{ spec: { resources: { limits: { cpu: '2' } } } }],
      ready,
    })
  const web = [workload('Deployment', 'shop/web'), replicaSet('shop/web-5d', 'web', 1), node('node-1')]
  const lateNow = (name: string) =>
    event('shop', `Pod/${name}`, 'Unhealthy', LATE, { count: 9, container: 'app', last: 60 })
  const suffering = [...web, limited('web-5d-1'), lateNow('web-5d-1')]

  it('proves it where the kernel held the container up while its probes were late', async () => {
    const files = cadvisor('node-1', throttled('web-5d-1', [100, 400], [10, 190]))
    const outcome = await evaluate(cpuLimitThrottling, { objects: suffering, files })
    expect(outcome.findings).toMatchObject([{ kind: 'cause', strength: 'proof', missing: [] }])
    const seldom = { objects: suffering, files: cadvisor('node-1', throttled('web-5d-1', [100, 400], [10, 100])) }
    expect((await evaluate(cpuLimitThrottling, seldom)).findings).toMatchObject([{ kind: 'cause', strength: 'strong' }])
    expect(outcome.findings[0]?.says).toContain('held it up in 180 of 300 periods of its quota (60 %) within 30 s')
    expect(outcome.findings[0]?.cites[0]).toMatchObject({
      line: expect.any(Number),
      words: expect.stringContaining('throttled_periods_total'),
    })
  })

  it('is a risk where nobody suffers, and a cause where a caller waits', async () => {
    const files = cadvisor('node-1', throttled('web-5d-1', [100, 400], [10, 190]))
    const calm = await evaluate(cpuLimitThrottling, { objects: [...web, limited('web-5d-1', true)], files })
    expect(calm.findings).toMatchObject([{ kind: 'risk', strength: 'weak' }])
    const called = await evaluate(cpuLimitThrottling, {
      objects: [...web, limited('web-5d-1', true), service('shop/web'), pod('shop/shopfront-1')],
      logs: {
        'shop/shopfront-1/app': Array.from(
          { length: 20 },
          (_, index) => `${ago(60 - index)} ERROR GET http://web.shop.svc/cart: context deadline exceeded\n`,
        ).join(''),
      },
      files,
    })
    expect(called.findings).toMatchObject([{ kind: 'cause', strength: 'strong' }])
  })

  it('rejects a limit that does not hold the container up', async () => {
    const files = cadvisor('node-1', throttled('web-5d-1', [100, 400], [0, 2]))
    const outcome = await evaluate(cpuLimitThrottling, { objects: suffering, files })
    expect([outcome.status, outcome.rejections[0]?.says]).toEqual([
      'clear',
      expect.stringContaining('its limit does not hold it up'),
    ])
  })

  it('is only suggested where it was held up once, and not between the samples', async () => {
    const objects = [...web, ...late('web-5d-1', '100m')]
    const files = cadvisor('node-1', throttled('web-5d-1', [9000, 9300], [8000, 8000]))
    const outcome = await evaluate(cpuLimitThrottling, { objects, files })
    expect(outcome.findings).toMatchObject([
      { strength: 'weak', against: [{ says: expect.stringContaining('0 of 300 periods') }] },
    ])
  })

  it('does not take what the cgroup around several containers tells for one of them', async () => {
    const limits = { resources: { limits: { cpu: '2' } } }
    const two = pod('shop/web-5d-1', {
      owner: 'ReplicaSet/web-5d',
      labels: { app: 'web' },
      containers: [{ spec: limits }, { name: 'other', spec: limits }],
      ready: false,
    })
    const files = cadvisor('node-1', throttled('web-5d-1', [100, 400], [10, 190], { container: '' }))
    const judge = (one: typeof two) =>
      evaluate(cpuLimitThrottling, { objects: [...web, one, lateNow('web-5d-1')], files })
    expect((await judge(two)).findings).toEqual([])
    expect((await judge(limited('web-5d-1'))).findings).toMatchObject([{ strength: 'proof' }])
  })

  it('takes no rate from a counter that began anew, or stood still', async () => {
    const anew = cadvisor('node-1', throttled('web-5d-1', [9000, 300], [8000, 290]))
    const outcome = await evaluate(cpuLimitThrottling, { objects: suffering, files: anew })
    expect([outcome.status, outcome.rejections[0]?.says]).toEqual(['clear', expect.stringContaining('is not tight')])
    const idle = cadvisor('node-1', throttled('web-5d-1', [9000, 9003], [8000, 8003]))
    expect((await evaluate(cpuLimitThrottling, { objects: suffering, files: idle })).status).toBe('clear')
  })

  it('is less sure where a pod of the same workload is held up as much and is well', async () => {
    const files = cadvisor(
      'node-1',
      throttled('web-5d-1', [100, 400], [10, 190]),
      throttled('web-5d-2', [100, 400], [10, 180]),
    )
    const outcome = await evaluate(cpuLimitThrottling, { objects: [...suffering, limited('web-5d-2', true)], files })
    expect(outcome.findings).toMatchObject([
      { strength: 'strong', against: [{ says: expect.stringContaining('web-5d-2 is well') }] },
    ])
  })
})
