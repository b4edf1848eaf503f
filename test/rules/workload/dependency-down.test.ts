import { describe, expect, it } from 'vitest'
import { crashloopAppError } from '../../../src/rules/workload/crashloop-app-error.ts'
import { dependencyDown } from '../../../src/rules/workload/dependency-down.ts'
import { readinessDependsOnDependency } from '../../../src/rules/workload/readiness-depends-on-dependency.ts'
import { serviceHasNoReadyEndpoints } from '../../../src/rules/workload/service-has-no-ready-endpoints.ts'
import { ago, repeated, type Thing } from '../../incident/scene.ts'
import { crashed, endpointSlice, event, pod, service, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const client = (name: string, options: Parameters<typeof pod>[1] = {}) =>
  pod(`shop/${name}-6c8f7d9b5-abcde`, { owner: `ReplicaSet/${name}-6c8f7d9b5`, ...options })
const logOf = (name: string, line: string, seconds = 30, suffix = '') => ({
  [`shop/${name}-6c8f7d9b5-abcde/app${suffix}`]: `${ago(4000)} started\n${`${ago(seconds)} ERROR ${line}\n`.repeat(12)}`,
})
const REFUSED = 'dial tcp db.shop.svc.cluster.local:5432: connect: connection refused'
const OUTSIDE = 'dial tcp orders.example.com:5432: i/o timeout'
const db = (ready: boolean) => [
  service('shop/db', { spec: { ports: [{ port: 5432, targetPort: 5432, protocol: 'TCP' }] } }),
  client('db', { labels: { app: 'db' }, ready }),
  endpointSlice('shop/db', [{ pod: 'db-6c8f7d9b5-abcde', ready }]),
]

describe('dependency-down', () => {
  it('names the host outside that several workloads cannot reach', async () => {
    const outcome = await evaluate(dependencyDown, {
      objects: [client('web', { ready: false }), client('api', { ready: false })],
      logs: { ...logOf('web', OUTSIDE), ...logOf('api', OUTSIDE) },
    })
    expect(subjectsOf(outcome)).toEqual(['Host orders.example.com'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Deployment', namespace: 'shop', name: 'api' })
  })

  it('takes the name of a host where a line has its address too', async () => {
    const line = 'connection to server at "orders.example.com" (10.20.30.40), port 5432 failed: Connection timed out'
    const outcome = await evaluate(dependencyDown, {
      objects: [client('web', { ready: false })],
      logs: logOf('web', line),
    })
    expect(subjectsOf(outcome)).toEqual(['Host orders.example.com'])
  })

  describe('of programs that warn of a call and end with words of their own', () => {
    const warned = `${ago(35)} WARN could not connect to db.shop:8125: connection refused, metrics disabled\n`
    const web = (id: string) =>
      pod(`shop/web-6c8f7d9b5-${id}`, {
        owner: 'ReplicaSet/web-6c8f7d9b5',
        ready: false,
        containers: [{ status: crashed({ reason: 'Error', exitCode: 1, at: 30 }) }],
      })
    const objects = [web('abcde'), web('fghij'), ...db(true)]
    const ofWeb = (id: string, text: string) => ({ [`shop/web-6c8f7d9b5-${id}/app.previous`]: text })
    const strengths = async (logs: Record<string, string>) =>
      (await evaluate(dependencyDown, { objects, logs })).findings.filter(({ strength }) => strength !== 'weak')

    it('blames nobody else, where the words are known and where they are not', async () => {
      for (const last of ['missing required environment variable STRIPE_KEY', 'licence has expired, shutting down']) {
        const log = `${warned}${ago(31)} FATAL ${last}\n`
        expect(await strengths({ ...ofWeb('abcde', log), ...ofWeb('fghij', log) })).toEqual([])
        expect(await strengths(ofWeb('abcde', log))).toEqual([])
      }
    })

    it('blames what does not answer where they tried again, or gave up for it', async () => {
      const repeated = `${warned.repeat(8)}${ago(31)} FATAL startup failed\n`
      expect(await strengths(ofWeb('abcde', repeated))).not.toEqual([])
      const failed = `${warned.replace('WARN', 'ERROR')}${ago(31)} FATAL startup failed\n`
      expect(await strengths(ofWeb('abcde', failed))).not.toEqual([])
    })
  })

  it('is the mechanism on callers where the callee itself is ill', async () => {
    const outcome = await evaluate(dependencyDown, {
      objects: [client('web'), ...db(false)],
      logs: logOf('web', REFUSED),
    })
    expect(subjectsOf(outcome)).toEqual(['Service shop/db'])
    expect(outcome.findings[0]?.kind).toBe('mechanism')
  })

  it('says where the callee is well that it is', async () => {
    const outcome = await evaluate(dependencyDown, {
      objects: [client('web'), ...db(true)],
      logs: logOf('web', REFUSED),
    })
    expect(outcome.findings[0]).toMatchObject({ strength: 'weak', against: [{}] })
  })

  it('knows a Service that is called on a port that it does not have, by its name or its address', async () => {
    for (const host of ['db.shop.svc.cluster.local', '10.96.0.20']) {
      const outcome = await evaluate(dependencyDown, {
        objects: [client('web', { ready: false }), ...db(true)],
        logs: logOf('web', `dial tcp ${host}:5433: connect: connection refused`),
      })
      expect(subjectsOf(outcome)).toEqual(['Service shop/db'])
      expect(outcome.findings[0]?.says).toContain('it has no such port')
    }
    const ofPod = await evaluate(dependencyDown, {
      objects: [client('web', { ready: false }), ...db(true)],
      logs: logOf('web', 'dial tcp 10.244.0.10:8080: connect: connection refused'),
    })
    expect(ofPod.findings[0]?.says).not.toContain('no such port')
  })

  it('believes a database that says itself that it takes no more', async () => {
    const line = 'connection to server at "db" (10.96.0.20), port 5432 failed: FATAL:  sorry, too many clients already'
    const outcome = await evaluate(dependencyDown, {
      objects: [client('web', { ready: false }), ...db(true)],
      logs: logOf('web', line),
    })
    expect(outcome.findings[0]).toMatchObject({ strength: 'strong' })
    expect(outcome.findings[0]?.says).toContain('takes no more connections')
  })

  it('believes one caller that a host outside has no such name, and not that it is slow', async () => {
    const strengthOf = async (line: string) =>
      (await evaluate(dependencyDown, { objects: [client('web', { ready: false })], logs: logOf('web', line) }))
        .findings[0]?.strength
    expect(await strengthOf('Error: getaddrinfo ENOTFOUND orders.example.com')).toBe('strong')
    expect(await strengthOf(OUTSIDE)).toBe('weak')
  })

  it('knows a Service that does not exist', async () => {
    const outcome = await evaluate(dependencyDown, {
      objects: [client('web')],
      logs: logOf('web', 'dial tcp: lookup db.shop.svc.cluster.local on 10.96.0.10:53: no such host'),
    })
    expect(outcome.findings[0]?.says).toContain('such a Service does not exist')
  })

  it.each([
    ['a Service that may not be read', REFUSED, ['services']],
    ['a name of a namespace', 'dial tcp: lookup db.shop: connection refused', ['services']],
    ['an address of a private network', 'dial tcp 10.96.0.77:5432: connect: connection refused', ['services']],
    [
      'an address that may be a pod',
      'dial tcp 10.244.3.7:5432: connect: connection refused',
      ['endpointslices.discovery.k8s.io'],
    ],
  ])('does not say where %s is', async (_, line, denied) => {
    const objects = [client('web', { ready: false }), client('api', { ready: false }), ...db(true)]
    const logs = { ...logOf('web', line), ...logOf('api', line) }
    const { findings } = await evaluate(dependencyDown, { objects, logs, denied })
    expect(findings).toMatchObject([{ strength: 'weak' }])
    expect(findings[0]?.says).toContain('was not collected')
  })

  it('says of an address of a private network that nobody has it now', async () => {
    const line = 'dial tcp 10.96.0.77:5432: connect: connection refused'
    const { findings } = await evaluate(dependencyDown, {
      objects: [client('web', { ready: false })],
      logs: logOf('web', line),
    })
    expect(findings[0]?.says).toContain('nothing in the cluster has this address now')
  })

  it('is quiet about what failed long ago, as while a cluster starts', async () => {
    const outcome = await evaluate(dependencyDown, {
      objects: [client('web'), ...db(true)],
      logs: logOf('web', REFUSED, 3000),
    })
    expect(outcome.status).toBe('clear')
  })

  it('takes a short name that nobody resolves for a Service that does not exist', async () => {
    const logs = logOf('web', 'Error: getaddrinfo ENOTFOUND postgress')
    const outcome = await evaluate(dependencyDown, { objects: [client('web', { ready: false })], logs })
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
    expect(outcome.findings[0]?.says).toContain('such a Service does not exist')
  })

  it('says nothing of a Service whose address nobody told, and goes by other failures of the call beside', async () => {
    const LOST = 'Error: getaddrinfo EAI_AGAIN db.shop.svc.cluster.local'
    const of =
      (...objects: Thing[]) =>
      (line: string) =>
        evaluate(dependencyDown, { objects: [client('web', { ready: false }), ...objects], logs: logOf('web', line) })
    for (const around of [[], db(true)])
      expect(await of(...around)(LOST)).toMatchObject({ findings: [], rejections: [{}] })
    expect((await of(...db(false))(REFUSED)).findings).toHaveLength(1)
  })

  it('is quiet about what a program waited for while it started, and not about what fails until now', async () => {
    const at = (from: number, to: number) => ({
      'shop/web-6c8f7d9b5-abcde/app':
        repeated(`ERROR ${REFUSED}`, 14, from, to) + repeated('INFO ready', 50, Math.min(to, 320), 2),
    })
    const of = async (logs: Record<string, string>) =>
      (await evaluate(dependencyDown, { objects: [client('web', { created: 400 })], logs })).findings
    expect(await of(at(395, 330))).toEqual([])
    expect(await of(at(150, 5))).toHaveLength(1)
  })

  it('says of a name that is not found no more than that', async () => {
    const of = async (line: string) =>
      (
        await evaluate(dependencyDown, {
          objects: [client('web', { ready: false }), ...db(true)],
          logs: logOf('web', line),
        })
      ).findings[0]?.says
    expect(await of('Error: getaddrinfo ENOTFOUND db.shop.svc.cluster.local')).toContain('only its name is not found')
    expect(await of(REFUSED)).not.toContain('its name')
  })

  it('names what is scaled to zero', async () => {
    const objects = [client('web'), service('shop/db'), workload('StatefulSet', 'shop/db', {}, 0)]
    const outcome = await evaluate(dependencyDown, { objects, logs: logOf('web', REFUSED) })
    expect(outcome.findings[0]?.says).toContain('StatefulSet shop/db is scaled to zero')
    const empty = await evaluate(serviceHasNoReadyEndpoints, { objects, logs: logOf('web', REFUSED) })
    expect(empty.findings[0]).toMatchObject({ kind: 'mechanism' })
  })

  it('rejects a few failures of a caller that is well', async () => {
    const logs = { 'shop/web-6c8f7d9b5-abcde/app': `${ago(30)} ERROR ${REFUSED}\n` }
    expect((await evaluate(dependencyDown, { objects: [client('web'), ...db(true)], logs })).status).toBe('clear')
  })

  it('leaves failing lookups of many names to the name service', async () => {
    const lookup = (host: string) => `getaddrinfo ENOTFOUND ${host}`
    const outcome = await evaluate(dependencyDown, {
      objects: ['web', 'api', 'ads'].map((name) => client(name)),
      logs: {
        ...logOf('web', lookup('a.example.com')),
        ...logOf('api', lookup('b.example.com')),
        ...logOf('ads', lookup('c.example.com')),
      },
    })
    expect(outcome.status).toBe('clear')
    expect(outcome.rejections).toHaveLength(3)
  })

  it('makes a crash of the caller a mechanism, and its readiness too', async () => {
    const crash = client('web', { ready: false, containers: [{ status: crashed() }] })
    const outcome = await evaluate(crashloopAppError, {
      objects: [crash, ...db(false)],
      logs: logOf('web', REFUSED, 62, '.previous'),
    })
    expect(outcome.findings[0]).toMatchObject({ kind: 'mechanism' })
    const failed = event(
      'shop',
      'Pod/web-6c8f7d9b5-abcde',
      'Unhealthy',
      'Readiness probe failed: HTTP probe failed with statuscode: 503',
    )
    const probed = { objects: [client('web', { ready: false }), failed, ...db(false)], logs: logOf('web', REFUSED) }
    expect((await evaluate(readinessDependsOnDependency, probed)).findings[0]).toMatchObject({
      kind: 'mechanism',
      strength: 'strong',
    })
    expect((await evaluate(readinessDependsOnDependency, { objects: probed.objects })).status).toBe('clear')
  })

  it('does not suspect what an ill caller only has the address of', async () => {
    const env = [{ name: 'DB_URL', value: 'tcp://db:5432' }]
    const web = client('web', { containers: [{ spec: { env } }], ready: false })
    const logs = { 'shop/web-6c8f7d9b5-abcde/app': `${ago(4000)} started\n` }
    expect(await evaluate(dependencyDown, { objects: [web, ...db(true)], logs })).toMatchObject({
      status: 'clear',
      rejections: [],
    })
  })

  it('leaves the metadata of the machine to the rules of clouds', async () => {
    const line = 'Get "http://169.254.169.254/latest/meta-data/": dial tcp 169.254.169.254:80: i/o timeout'
    const outcome = await evaluate(dependencyDown, {
      objects: [client('web', { ready: false })],
      logs: logOf('web', line),
    })
    expect(outcome).toMatchObject({ findings: [], rejections: [] })
  })

  it('still names who refuses connections while lookups of many names fail', async () => {
    const lookups = ['cart', 'mail', 'auth'].map(
      (name) => `dial tcp: lookup ${name}.shop.svc.cluster.local: i/o timeout`,
    )
    const lines = [...lookups, REFUSED].map((line) => `${ago(30)} ERROR ${line}\n`.repeat(12)).join('')
    const outcome = await evaluate(dependencyDown, {
      objects: [client('web', { ready: false }), ...db(false)],
      logs: { 'shop/web-6c8f7d9b5-abcde/app': lines },
    })
    expect(subjectsOf(outcome)).toEqual(['Service shop/db'])
    expect(outcome.rejections).toHaveLength(3)
  })

  describe('where all pods are well, and logs alone tell', () => {
    const hung =
      'ERROR Get "http://db:5432/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
    const refused = 'ERROR POST https://pay.example.com/v1: 503 Service Unavailable'
    const begun = (line: string) => repeated('INFO ok', 200, 20_000, 3700) + repeated(line, 80, 3600, 10)
    const inside = (line: string) => repeated(line, 80, 3600, 10)
    const seldom = (line: string) => repeated(line, 80, 80_000, 10)
    const over = (line: string) => repeated(line, 80, 3600, 1500) + repeated('INFO ok', 20, 1400, 10)
    const calls = [{ name: 'API_URL', value: 'http://api:80' }]
    const two = [
      client('web', { containers: [{ spec: { env: calls } }] }),
      service('shop/api'),
      client('api', { labels: { app: 'api' } }),
    ]
    const logsOf = (logs: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(logs).map(([name, log]) => [`shop/${name}-6c8f7d9b5-abcde/app`, log]))
    const tells = async (logs: Readonly<Record<string, string>>) =>
      (await evaluate(dependencyDown, { objects: [...two, ...db(true)], logs: logsOf(logs) })).findings

    it.each([
      ['a Service that hangs', hung, 'db'],
      ['a host outside that answers 503', refused, 'pay.example.com'],
    ])('names %s, with a doubt', async (_, line, name) => {
      for (const log of [begun(line), inside(line)])
        expect(await tells({ web: log, api: log })).toMatchObject([
          { kind: 'cause', strength: 'strong', subject: { name }, against: [{}] },
        ])
    })

    it('counts who calls the caller for another one', async () => {
      const findings = await tells({ api: begun(refused), web: begun('ERROR checkout failed: payment unavailable') })
      expect(findings).toMatchObject([{ strength: 'strong', subject: { name: 'pay.example.com' }, against: [{}] }])
    })

    it.each([
      ['one caller', { web: begun(hung) }],
      ['calls that fail now and then', { web: seldom(hung), api: seldom(hung) }],
      [
        'calls that are tried again',
        { web: begun(hung.replace('ERROR', 'WARN')), api: begun(hung.replace('ERROR', 'WARN')) },
      ],
      ['telemetry', { web: begun(refused.replace('pay', 'otel')), api: begun(refused.replace('pay', 'otel')) }],
    ])('takes %s for a weak sign at most', async (_, logs) => {
      expect((await tells(logs)).filter(({ strength }) => strength !== 'weak')).toEqual([])
    })

    it('is quiet about what is over', async () => {
      expect(await tells({ web: over(hung), api: over(hung) })).toEqual([])
    })
  })
})
