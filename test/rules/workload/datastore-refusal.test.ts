import { describe, expect, it } from 'vitest'
import { datastoreRefusal } from '../../../src/rules/workload/datastore-refusal.ts'
import { ago, repeated, type Thing } from '../../incident/scene.ts'
import { served, service, wrote } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

/** A workload that runs an image and calls others, with its Service. */
function runs(name: string, image: string, calls: readonly string[] = [], uses?: string): readonly Thing[] {
  const env = calls.map((callee) => ({ name: `${callee.toUpperCase()}_URL`, value: `tcp://${callee}:80` }))
  const from = uses === undefined ? [] : [{ secretRef: { name: uses } }]
  return served(name, { containers: [{ image, spec: { env, envFrom: from } }] })
}

const shop = [
  ...runs('web', 'registry.example/web:1', ['cart']),
  ...runs('cart', 'registry.example/cart:1', ['cache'], 'cache-login'),
  ...runs('cache', 'docker.io/valkey/valkey:8'),
]

/** What a container logged at first, then this line so often in the ten minutes before the capture. */
function logOf(name: string, line: string, times = 20, quiet = true): Record<string, string> {
  const begin = quiet ? `${ago(3000)} started\n` : ''
  const lines = Array.from({ length: times }, (_, index) => `${ago(600 - index * 25)} ERROR ${line}\n`)
  return { [`shop/${name}-6c8f7d9b5-abcde/app`]: begin + lines.join('') }
}

const FULL = "OOM command not allowed when used memory > 'maxmemory'."
const LOGIN = 'NOAUTH Authentication required.'

describe('datastore-refusal', () => {
  it('names the store that is full, not its clients, and all who call them', async () => {
    const outcome = await evaluate(datastoreRefusal, {
      objects: shop,
      logs: { ...logOf('cart', FULL), ...logOf('web', `13 INTERNAL: cart failed: ${FULL}`, 40) },
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/cache'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Deployment', namespace: 'shop', name: 'web' })
  })

  it('takes a store of another namespace from the host in the words of the refusal, and no Service that is none', async () => {
    const line = (host: string) => `READONLY You can't write against a read only replica. addr=${host}`
    const objects = [...runs('cart', 'registry.example/cart:1'), ...runs('web', 'registry.example/web:1')]
    const store = service('data/redis', { spec: { ports: [{ port: 6379, targetPort: 6379 }] } })
    const of = async (host: string) =>
      subjectsOf(
        await evaluate(datastoreRefusal, { objects: [...objects, store], logs: logOf('cart', line(host), 23) }),
      )
    expect(await of('redis.data:6379')).toEqual(['Service data/redis'])
    expect(await of('web.shop:80')).toEqual(['Deployment shop/cart'])
    expect(await of('elsewhere.example.com:6379')).toEqual(['Deployment shop/cart'])
  })

  it('names the one client whose login is refused when nothing was changed, and both ends', async () => {
    const logs = { ...logOf('cart', LOGIN), ...logOf('web', `13 INTERNAL: cart failed: ${LOGIN}`) }
    const outcome = await evaluate(datastoreRefusal, { objects: shop, logs })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/cart'])
    expect(outcome.findings[0]?.strength).toBe('strong')
    expect(outcome.findings[0]?.says).toContain('Deployment shop/cart is not let in by Deployment shop/cache (Redis)')
  })

  it('names the store that refuses the logins of several clients', async () => {
    const objects = [...shop, ...runs('mail', 'registry.example/mail:1', ['cache'])]
    const logs = { ...logOf('cart', LOGIN), ...logOf('mail', LOGIN) }
    const outcome = await evaluate(datastoreRefusal, { objects, logs })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/cache'])
    expect(outcome.findings[0]?.says).toContain('the credentials that they use and those that the store knows differ')
  })

  it('names the client whose Secret was written before its login was refused', async () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        namespace: 'shop',
        name: 'cache-login',
        uid: 'uid-cache-login',
        creationTimestamp: ago(604_800),
        managedFields: [wrote('kubectl-patch', 640, { 'f:data': { 'f:password': {} } })],
      },
    }
    const outcome = await evaluate(datastoreRefusal, { objects: [...shop, secret], logs: logOf('cart', LOGIN) })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/cart'])
  })

  it('takes one word of a store for enough where its callers fail again and again', async () => {
    const line = 'memory resource limit alarm set on node rabbit@mq-0.'
    const outcome = await evaluate(datastoreRefusal, {
      objects: [...runs('cart', 'registry.example/cart:1', ['mq']), ...runs('mq', 'rabbitmq:3.12')],
      logs: { ...logOf('mq', line, 1), ...logOf('cart', 'publishing timed out') },
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/mq'])
    expect(outcome.findings[0]?.strength).toBe('proof')
  })

  it.each([
    [
      'rabbitmq:3.13',
      "NOT_FOUND - home node 'rabbit@mq-1' of durable queue 'orders' in vhost '/' is down or inaccessible",
    ],
    ['elasticsearch:8.15.0', '{"error":{"type":"master_not_discovered_exception","reason":null},"status":503}'],
  ])('names the store whose members do not work together: %s', async (image, line) => {
    const { findings } = await evaluate(datastoreRefusal, {
      objects: [...runs('cart', 'registry.example/cart:1', ['store']), ...runs('store', image)],
      logs: logOf('cart', line),
    })
    expect(findings[0]).toMatchObject({ strength: 'proof', subject: { kind: 'Deployment', name: 'store' } })
  })

  it('names the client that calls no other one where the store is not in the cluster', async () => {
    const outcome = await evaluate(datastoreRefusal, {
      objects: shop,
      logs: { ...logOf('web', 'Too many connections'), ...logOf('cart', 'Too many connections') },
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/cart'])
  })

  it.each([LOGIN, FULL])(
    'takes a client that has always been refused for a weak sign, and doubts where its log is short: %s',
    async (line) => {
      const always = { 'shop/cart-6c8f7d9b5-abcde/app': repeated(`ERROR ${line}`, 1200, 72_000, 10) }
      expect((await evaluate(datastoreRefusal, { objects: shop, logs: always })).findings[0]?.strength).toBe('weak')
      const { findings } = await evaluate(datastoreRefusal, { objects: shop, logs: logOf('cart', line, 20, false) })
      expect(findings).toMatchObject([{ strength: 'strong', against: [{}] }])
    },
  )

  it('takes a cache that two programs always find full, and do without, for a weak sign', async () => {
    const objects = [...shop, ...runs('mail', 'registry.example/mail:1', ['cache'])]
    const line = repeated(`WARN not cached: ${FULL}`, 60, 72_000, 10)
    const logs = { 'shop/cart-6c8f7d9b5-abcde/app': line, 'shop/mail-6c8f7d9b5-abcde/app': line }
    expect((await evaluate(datastoreRefusal, { objects, logs })).findings.map(({ strength }) => strength)).toEqual([
      'weak',
    ])
  })

  describe('of a store whose image is not known', () => {
    const mirrored = (name: string, env: Readonly<Record<string, string>>, port = 6379) => [
      ...served('cart', {
        containers: [{ spec: { env: Object.entries(env).map(([name, value]) => ({ name, value })) } }],
      }),
      ...served(name, { containers: [{ image: 'mirror.example/platform/base:7' }] }).filter(
        ({ kind }) => kind !== 'Service',
      ),
      service(`shop/${name}`, { spec: { ports: [{ port, targetPort: port, protocol: 'TCP' }] } }),
    ]
    const READONLY = "READONLY You can't write against a read only replica."

    it.each([
      ['a variable', 'kv', { REDIS_HOST: 'kv' }],
      ['the scheme of an address', 'kv', { CACHE: 'redis://kv:6379/0' }],
      ['its Service', 'redis-main', { SESSIONS: 'redis-main:6379' }],
      ['its port', 'kv', { SESSIONS: 'kv:6379' }],
    ])('names it by %s', async (_, name, env) => {
      const outcome = await evaluate(datastoreRefusal, { objects: mirrored(name, env), logs: logOf('cart', READONLY) })
      expect(subjectsOf(outcome)).toEqual([`Deployment shop/${name}`])
      expect(outcome.findings[0]?.strength).toBe('proof')
    })

    it('is it itself where it is called on such a port', async () => {
      const logs = { ...logOf('kv', FULL), ...logOf('cart', 'cannot add') }
      const outcome = await evaluate(datastoreRefusal, { objects: mirrored('kv', { STORE: 'http://kv:6379' }), logs })
      expect(outcome.findings).toMatchObject([{ subject: { name: 'kv' }, strength: 'proof' }])
    })

    it('names the Service where its pods are not in the bundle', async () => {
      const objects = mirrored('kv', { REDIS_HOST: 'kv' })
      const logs = logOf('cart', READONLY)
      const outcome = await evaluate(datastoreRefusal, {
        objects: objects
          .filter(({ metadata }) => !JSON.stringify(metadata).includes('"kv-'))
          .filter(({ kind }) => kind !== 'Deployment'),
        logs,
      })
      expect(subjectsOf(outcome)).toEqual(['Service shop/kv'])
    })

    it('takes the only one near that is called so for no proof, and another port for none', async () => {
      const near = await evaluate(datastoreRefusal, { objects: mirrored('redis', {}), logs: logOf('cart', READONLY) })
      expect(subjectsOf(near)).toEqual(['Deployment shop/redis'])
      expect(near.findings[0]?.strength).toBe('strong')
      const other = { objects: mirrored('redis', {}, 8080), logs: logOf('cart', READONLY) }
      expect(subjectsOf(await evaluate(datastoreRefusal, other))).toEqual(['Deployment shop/cart'])
    })
  })

  describe('of an alarm of RabbitMQ', () => {
    const objects = [...runs('cart', 'registry.example/cart:1', ['mq']), ...runs('mq', 'rabbitmq:3.13')]
    const SET = '[warning] <0.386.0> disk resource limit alarm set on node rabbit@mq-0.'
    const CLEARED = '[warning] <0.386.0> disk resource limit alarm cleared on node rabbit@mq-0'
    const ofBroker = (text: string) => ({ 'shop/mq-6c8f7d9b5-abcde/app': text })
    const waits = (from: number) => ({
      'shop/cart-6c8f7d9b5-abcde/app': repeated('ERROR Timed out waiting for confirm', 60, from, 10),
    })

    it('holds until it is cleared, however long ago it was told', async () => {
      const stands = await evaluate(datastoreRefusal, {
        objects,
        logs: { ...ofBroker(repeated(SET, 1, 7200, 7200)), ...waits(3000) },
      })
      expect(subjectsOf(stands)).toEqual(['Deployment shop/mq'])
      const over = ofBroker(repeated(SET, 1, 300, 300) + repeated(CLEARED, 1, 200, 200))
      expect(await evaluate(datastoreRefusal, { objects, logs: { ...over, ...waits(3000) } })).toMatchObject({
        findings: [],
        rejections: [],
      })
    })

    it('is not what the broker said before it was started again', async () => {
      const previous = { 'shop/mq-6c8f7d9b5-abcde/app.previous': repeated(SET, 1, 7200, 7200) }
      expect((await evaluate(datastoreRefusal, { objects, logs: { ...previous, ...waits(3000) } })).findings).toEqual(
        [],
      )
    })

    it('is told by a client too, once', async () => {
      const told = `${ago(700)} WARN connection.blocked received: low on disk\n`
      const [[place, log] = ['', '']] = Object.entries(waits(690))
      const outcome = await evaluate(datastoreRefusal, { objects, logs: { [place]: told + log } })
      expect(subjectsOf(outcome)).toEqual(['Deployment shop/mq'])
      expect(outcome.findings[0]?.strength).toBe('proof')
    })
  })

  it('takes deadlocks that come now and then for a weak sign, however long there were none', async () => {
    const objects = [...shop, ...runs('db', 'postgres:17')]
    const seldom = Array.from({ length: 12 }, (_, index) => `${ago(3400 - index * 300)} ERROR deadlock detected\n`)
    const logs = {
      'shop/cart-6c8f7d9b5-abcde/app': `${ago(80_000)} started\n${seldom.join('')}`,
      ...logOf('web', 'cannot order'),
    }
    const outcome = await evaluate(datastoreRefusal, { objects, logs })
    expect(outcome.findings.map(({ strength }) => strength)).toEqual(['weak'])
  })

  it.each([
    ['a few refusals of clients that are well', logOf('cart', LOGIN, 3)],
    [
      'refusals that are long over',
      { 'shop/cart-6c8f7d9b5-abcde/app': `${`${ago(9000)} ERROR ${FULL}\n`.repeat(20)}${ago(20)} ordered\n` },
    ],
    ['what a store says that nobody fails for', logOf('cache', LOGIN)],
    ['the own pool of a client', logOf('cart', 'Connection is not available, request timed out after 30000ms')],
  ])('is quiet about %s', async (_, logs) => {
    const { findings } = await evaluate(datastoreRefusal, { objects: shop, logs })
    expect(findings).toEqual([])
  })

  it('is quiet about refusals that ended hours ago', async () => {
    const lines = Array.from({ length: 20 }, (_, index) => `${ago(9000 - index * 25)} ERROR ${FULL}\n`).join('')
    const logs = { 'shop/cart-6c8f7d9b5-abcde/app': `${ago(12_000)} started\n${lines}` }
    expect(await evaluate(datastoreRefusal, { objects: shop, logs })).toMatchObject({ findings: [], rejections: [] })
  })

  it.each([
    ['edoburu/pgbouncer:1.23', 'FATAL: no more connections allowed (max_client_conn)', 'no connection left'],
    ['edoburu/pgbouncer:1.23', 'FATAL: query_wait_timeout', 'no connection left'],
    [
      'elasticsearch:8',
      'this action would add [2] shards, but this cluster currently has [3000]/[3000] maximum normal shards open;',
      'as many shards as it may',
    ],
    ['edoburu/pgbouncer:1.23', 'setting query_wait_timeout = 120', undefined],
    ['elasticsearch:8', 'this cluster currently has [12] shards open', undefined],
  ])('knows what %s says: %s', async (image, line, words) => {
    const objects = [...runs('web', 'registry.example/web:1', ['store']), ...runs('store', image)]
    const { findings } = await evaluate(datastoreRefusal, { objects, logs: logOf('web', line) })
    expect(findings.map(({ subject }) => subject.name)).toEqual(words === undefined ? [] : ['store'])
    if (words !== undefined) expect(findings[0]?.says).toContain(words)
  })
})
