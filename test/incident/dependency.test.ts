import { describe, expect, it } from 'vitest'
import { readIncident } from '../../src/incident/incident.ts'
import { describeRef } from '../../src/incident/reference.ts'
import { bundleOf, type Scene, type Thing } from './scene.ts'
import { endpointSlice, node, pod, service, thing } from './things.ts'

async function dependenciesOf(scene: Scene): Promise<string[]> {
  const { dependencies } = await readIncident(bundleOf(scene))
  return dependencies.map(
    ({ from, to, by, failing }) => `${describeRef(from)} > ${describeRef(to)} ${by}${failing ? ' failing' : ''}`,
  )
}

const web = (spec: Record<string, unknown>): Thing =>
  pod('shop/web-6c8f7d9b5-abcde', { owner: 'ReplicaSet/web-6c8f7d9b5', containers: [{ spec }] })
const env = (name: string, value: string) => web({ env: [{ name, value }] })
const db = service('shop/db', { spec: { clusterIP: '10.96.0.30' } })
const log = (line: string): Record<string, string> => ({
  'shop/web-6c8f7d9b5-abcde/app': `2026-02-01T11:50:00.000000000Z ${line}\n`,
})

describe('dependencies', () => {
  it.each([
    ['DATABASE_URL', 'postgres://user:<redacted:abc>@db:5432/shop'],
    ['JDBC', 'jdbc:postgresql://db.shop.svc.cluster.local/shop'],
    ['DB_HOST', 'db'],
    ['BROKERS', 'other:9092,db:9092'],
    ['DSN', 'host=db port=5432'],
    ['PRIMARY', 'db-0.db.shop.svc'],
  ])('reads the variable %s', async (name, value) => {
    expect(await dependenciesOf({ objects: [env(name, value), db] })).toEqual([
      'Deployment shop/web > Service shop/db env',
    ])
  })

  it.each([
    ['KIND', 'db'],
    ['DB_HOST', '<redacted:db>'],
    ['DB_HOST', 'db.other'],
    ['IMAGE', 'registry.example/db:1'],
  ])('takes no name for a host that is none: %s=%s', async (name, value) => {
    expect(await dependenciesOf({ objects: [env(name, value), db] })).toEqual([])
  })

  it('reads arguments', async () => {
    expect(await dependenciesOf({ objects: [web({ args: ['--cache', '--backend=http://db.shop/'] }), db] })).toEqual([
      'Deployment shop/web > Service shop/db argument',
    ])
  })

  it.each([
    ['dial tcp: lookup db.shop.svc.cluster.local on 10.96.0.10:53: no such host', 'Service shop/db'],
    ['dial tcp 10.96.0.30:80: connect: connection refused', 'Service shop/db'],
    ['dial tcp 10.244.0.10:8080: i/o timeout', 'Service shop/db'],
    ['dial tcp 203.0.113.9:443: i/o timeout', 'Host 203.0.113.9'],
    ['Get "https://api.example.com/v1": dial tcp: lookup api.example.com: no such host', 'Host api.example.com'],
  ])('resolves whom a failed call was for: %s', async (line, to) => {
    const slice = endpointSlice('shop/db', [{ pod: 'db-0', ready: true }])
    const objects = [web({}), db, slice, pod('shop/db-0', { labels: { app: 'db' } })]
    expect(await dependenciesOf({ objects, logs: log(`level=error msg="${line}"`) })).toEqual([
      `Deployment shop/web > ${to} log failing`,
    ])
  })

  it('does not take what failed when things started for a failure of now', async () => {
    const line =
      '2026-02-01T10:00:00.000000000Z level=error msg="dial tcp 10.96.0.30:80: connect: connection refused"\n'
    const logs = { 'shop/web-6c8f7d9b5-abcde/app': line }
    expect(await dependenciesOf({ objects: [web({}), db], logs })).toEqual([
      'Deployment shop/web > Service shop/db log',
    ])
  })

  it('keeps the strongest evidence of a pair, and what else there is behind it', async () => {
    const scene = {
      objects: [env('DB_HOST', 'db'), db],
      logs: log('level=error msg="dial tcp 10.96.0.30:80: connect: connection refused"'),
    }
    const { dependencies } = await readIncident(bundleOf(scene))
    expect(dependencies).toHaveLength(1)
    expect(dependencies[0]).toMatchObject({ by: 'log', failing: true, first: Date.parse('2026-02-01T11:50:00Z') })
    expect(dependencies[0]?.cites).toHaveLength(2)
  })

  it('follows routes and policies, and no call to oneself', async () => {
    const ingress = thing('networking.k8s.io/v1', 'Ingress', 'shop/web', {
      spec: {
        rules: [{ http: { paths: [{ path: '/', backend: { service: { name: 'web', port: { number: 80 } } } }] } }],
      },
    })
    const policy = thing('networking.k8s.io/v1', 'NetworkPolicy', 'shop/db', {
      spec: {
        podSelector: { matchLabels: { app: 'db' } },
        ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }] }],
      },
    })
    const caller = pod('shop/web-1', { labels: { app: 'web' }, containers: [{ spec: { args: ['--peer=web:80'] } }] })
    const objects = [
      ingress,
      policy,
      caller,
      pod('shop/db-0', { labels: { app: 'db' } }),
      service('shop/web'),
      db,
      node('node-1'),
    ]
    expect(await dependenciesOf({ objects })).toEqual([
      'Ingress shop/web > Service shop/web route',
      'Pod shop/web-1 > Service shop/db network-policy',
    ])
  })
})
