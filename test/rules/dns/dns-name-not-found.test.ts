import { describe, expect, it } from 'vitest'
import { dnsNameNotFound } from '../../../src/rules/dns/dns-name-not-found.ts'
import { pod, service } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { client, logOf, nameServer } from './cluster.ts'

const MISSPELT = 'ERROR dial tcp: lookup postgrs on 10.96.0.10:53: no such host'
const objects = [client, service('shop/postgres'), ...nameServer()]

describe('dns-name-not-found', () => {
  it.each([
    MISSPELT,
    'Error: getaddrinfo ENOTFOUND postgrs',
    'psycopg2.OperationalError: could not translate host name "postgrs" to address: Name or service not known',
    'java.net.UnknownHostException: postgrs: Name or service not known',
    'ERROR dial tcp: lookup postgrs.shop.svc.cluster.local: no such host',
  ])('names the client and the Service that may be meant: %s', async (line) => {
    const outcome = await evaluate(dnsNameNotFound, { objects, logs: logOf(line) })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.findings[0]?.says).toContain('no Service postgrs in the namespace shop, but postgres in shop')
  })

  it.each([
    'Error: getaddrinfo EAI_AGAIN postgrs',
    'ERROR could not connect: postgrs: Temporary failure in name resolution',
    'ERROR dial tcp: lookup postgrs.shop.svc.cluster.local on 10.96.0.10:53: server misbehaving',
  ])('is quiet where nobody has answered, who alone could say that there is no such name: %s', async (line) => {
    expect((await evaluate(dnsNameNotFound, { objects, logs: logOf(line) })).findings).toEqual([])
  })

  it('is quiet when names that exist do not resolve either', async () => {
    const logs = logOf('UNAVAILABLE: Unable to resolve host postgrs', 'Error: getaddrinfo EAI_AGAIN postgres')
    expect(await evaluate(dnsNameNotFound, { objects, logs })).toMatchObject({ status: 'clear', rejections: [{}] })
  })

  it('is quiet of a Service that exists, and of a host outside', async () => {
    const logs = logOf('Error: getaddrinfo ENOTFOUND postgres', 'Error: getaddrinfo ENOTFOUND db.example.com')
    expect((await evaluate(dnsNameNotFound, { objects, logs })).status).toBe('clear')
  })

  it('names a pod that asks the name server of its node', async () => {
    const own = pod('shop/web-6c8f7d9b5-abcde', {
      owner: 'ReplicaSet/web-6c8f7d9b5',
      ready: false,
      spec: { dnsPolicy: 'Default' },
    })
    const outcome = await evaluate(dnsNameNotFound, {
      objects: [own, service('shop/postgres')],
      logs: logOf('Error: getaddrinfo ENOTFOUND postgres'),
    })
    expect(outcome.findings[0]?.says).toContain('dnsPolicy')
  })

  const withDns = (dnsConfig: Record<string, unknown>) =>
    pod('shop/web-6c8f7d9b5-abcde', {
      owner: 'ReplicaSet/web-6c8f7d9b5',
      ready: false,
      spec: { dnsPolicy: 'None', dnsConfig },
    })

  it.each([
    ['another name server', { nameservers: ['8.8.8.8'] }, 'postgres.shop.svc.cluster.local', 'its pods ask 8.8.8.8'],
    ['no search domains', { nameservers: ['10.96.0.10'] }, 'postgres', 'no search domains'],
  ])('names a pod whose dnsConfig has %s', async (_, config, name, words) => {
    const outcome = await evaluate(dnsNameNotFound, {
      objects: [withDns(config), service('shop/postgres'), ...nameServer()],
      logs: logOf(`Error: getaddrinfo ENOTFOUND ${name}`),
    })
    expect(outcome.findings[0]?.says).toContain(words)
  })

  it.each([
    ['answers nothing', 'None', 'Error: getaddrinfo EAI_AGAIN postgres'],
    [
      'is asked beside those of the cluster',
      'ClusterFirst',
      'ERROR dial tcp: lookup postgres on 8.8.8.8:53: no such host',
    ],
  ])('names a pod whose dnsConfig names a server outside that %s', async (_, dnsPolicy, line) => {
    const own = pod('shop/web-6c8f7d9b5-abcde', {
      owner: 'ReplicaSet/web-6c8f7d9b5',
      ready: false,
      spec: { dnsPolicy, dnsConfig: { nameservers: ['8.8.8.8'] } },
    })
    const outcome = await evaluate(dnsNameNotFound, {
      objects: [own, service('shop/postgres'), ...nameServer()],
      logs: logOf(line),
    })
    expect(outcome.findings[0]?.says).toContain('its pods ask 8.8.8.8')
  })

  it('is quiet of a server of the cluster’s own that does not answer', async () => {
    const objects = [
      withDns({ nameservers: ['10.96.0.53'] }),
      service('shop/postgres'),
      service('dns/own', { spec: { clusterIP: '10.96.0.53' } }),
      ...nameServer(),
    ]
    const logs = logOf(
      'ERROR dial tcp: lookup postgres on 10.96.0.53:53: read udp 10.244.0.9:3333->10.96.0.53:53: i/o timeout',
    )
    expect((await evaluate(dnsNameNotFound, { objects, logs })).findings).toEqual([])
  })

  it('reads the name that grpc-java could not resolve', async () => {
    const line = 'io.grpc.StatusRuntimeException: UNAVAILABLE: Unable to resolve host postgrs'
    const outcome = await evaluate(dnsNameNotFound, { objects, logs: logOf(line) })
    expect(outcome.findings[0]?.says).toContain('no Service postgrs')
  })

  it('is quiet of a dnsConfig that names the servers of the cluster', async () => {
    const config = { nameservers: ['10.96.0.10'], searches: ['shop.svc.cluster.local'] }
    const outcome = await evaluate(dnsNameNotFound, {
      objects: [withDns(config), service('shop/postgres'), ...nameServer()],
      logs: logOf('Error: getaddrinfo ENOTFOUND postgres'),
    })
    expect(outcome.findings).toEqual([])
  })

  it('names the alias of a host that does not exist', async () => {
    const alias = service('shop/postgres', { spec: { type: 'ExternalName', externalName: 'db.old.example.com' } })
    const of = (line: string) =>
      evaluate(dnsNameNotFound, { objects: [client, alias, ...nameServer()], logs: logOf(line) })
    const { findings } = await of('Error: getaddrinfo ENOTFOUND postgres')
    expect(findings[0]?.says).toContain(
      'the Service postgres is an alias of db.old.example.com, which does not resolve',
    )
    expect(findings[0]?.affects).toContainEqual({ kind: 'Service', namespace: 'shop', name: 'postgres' })
    expect((await of('Error: getaddrinfo EAI_AGAIN postgres')).findings).toEqual([])
  })

  it('is quiet of a program that is well and lacks only its telemetry', async () => {
    const well = pod('shop/web-6c8f7d9b5-abcde', { owner: 'ReplicaSet/web-6c8f7d9b5' })
    const logs = logOf(
      ...Array.from(
        { length: 10 },
        () => 'ERROR export failed: dial tcp: lookup jaeger-agent on 10.96.0.10:53: no such host',
      ),
    )
    const outcome = await evaluate(dnsNameNotFound, { objects: [well, ...nameServer()], logs })
    expect(outcome).toMatchObject({ status: 'clear', rejections: [{}] })
  })

  it('names clients that began together in the order of their names', async () => {
    const place = 'shop/mailer-6c8f7d9b5-abcde'
    const mailer = pod(place, { owner: 'ReplicaSet/mailer-6c8f7d9b5', ready: false })
    const own = Object.entries({ ...logOf(MISSPELT), [`${place}/app`]: `2026-02-01T11:50:00Z ${MISSPELT}` })
    for (const order of [own, own.toReversed()])
      expect(
        subjectsOf(await evaluate(dnsNameNotFound, { objects: [...objects, mailer], logs: Object.fromEntries(order) })),
      ).toEqual(['Deployment shop/mailer', 'Deployment shop/web'])
  })
})
