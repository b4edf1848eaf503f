import { describe, expect, it } from 'vitest'
import { corednsDownOrUnschedulable } from '../../../src/rules/dns/coredns-down-or-unschedulable.ts'
import type { Thing } from '../../incident/scene.ts'
import { service } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { client, logOf, nameServer } from './cluster.ts'

const GO =
  'ERROR dial tcp: lookup db.shop.svc.cluster.local on 10.96.0.10:53: read udp 10.244.0.9:3333->10.96.0.10:53: i/o timeout'
const NODE = 'Error: getaddrinfo EAI_AGAIN db'
const objects = [client, service('shop/db')]

describe('coredns-down-or-unschedulable', () => {
  it('names the Deployment that is scaled to nothing, and who suffers', async () => {
    const outcome = await evaluate(corednsDownOrUnschedulable, {
      objects: [...objects, ...nameServer({ replicas: 0 })],
      logs: logOf(GO, NODE),
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment kube-system/coredns'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Deployment', namespace: 'shop', name: 'web' })
    expect(outcome.findings[0]?.depends).not.toContainEqual({ kind: 'Deployment', namespace: 'shop', name: 'web' })
  })

  it('is only a risk without one failing lookup: the cloud or the node may resolve names', async () => {
    const outcome = await evaluate(corednsDownOrUnschedulable, {
      objects: [...objects, ...nameServer({ replicas: 0 })],
      logs: logOf('GET /health 200'),
    })
    expect(outcome.findings).toMatchObject([{ kind: 'risk', strength: 'weak' }])
  })

  it('may be the cause, and no more, where no log could tell of lookups', async () => {
    const outcome = await evaluate(corednsDownOrUnschedulable, {
      objects: [...objects, ...nameServer({ replicas: 0 })],
      denied: ['logs', 'pods/log'],
    })
    expect(outcome.findings).toMatchObject([{ kind: 'cause', strength: 'weak' }])
  })

  it('takes a lookup at the resolver of the cloud for what it is', async () => {
    const cloud =
      'ERROR dial tcp: lookup api.example.com on 169.254.169.254:53: read udp 10.1.0.9:3333->169.254.169.254:53: i/o timeout'
    const outcome = await evaluate(corednsDownOrUnschedulable, {
      objects: [...objects, ...nameServer({ replicas: 0 })],
      logs: logOf(cloud),
    })
    expect(outcome.findings).toMatchObject([{ kind: 'risk' }])
  })

  it('is a mechanism where pods are wanted and not ready', async () => {
    const outcome = await evaluate(corednsDownOrUnschedulable, {
      objects: [...objects, ...nameServer({ ready: false })],
    })
    expect(outcome.findings[0]).toMatchObject({ kind: 'mechanism', subject: { kind: 'Deployment', name: 'coredns' } })
  })

  it('is quiet while name servers are ready, and says so where lookups fail', async () => {
    const outcome = await evaluate(corednsDownOrUnschedulable, {
      objects: [...objects, ...nameServer()],
      logs: logOf(GO),
    })
    expect(outcome).toMatchObject({ status: 'clear', rejections: [{ kind: 'rejected' }] })
  })

  it('is quiet where pods may not be read', async () => {
    const outcome = await evaluate(corednsDownOrUnschedulable, {
      objects: nameServer({ replicas: 0 }),
      denied: ['pods'],
    })
    expect(outcome.status).toBe('not-evaluated')
  })

  it('names a Service that nothing serves, and a Service that is gone; and nothing where there is neither', async () => {
    const only = (kind: string) => nameServer({ replicas: 0 }).filter((one) => one.kind === kind)
    const of = (...dns: Thing[]) =>
      evaluate(corednsDownOrUnschedulable, { objects: [...objects, ...dns], logs: logOf(GO) })
    expect((await of(...only('Service'))).findings[0]?.says).toContain('nothing runs the name servers')
    expect((await of(...only('Deployment'))).findings[0]?.says).toContain(
      'the DNS Service of the cluster does not exist',
    )
    expect((await of()).status).toBe('clear')
  })

  it('claims no missing Service where no lookup fails, or it fails at a server of another kind', async () => {
    const deployment = nameServer({ replicas: 0 }).filter((one) => one.kind === 'Deployment')
    const judge = (line: string) =>
      evaluate(corednsDownOrUnschedulable, { objects: [...objects, ...deployment], logs: logOf(line) })
    expect(await judge('GET /health 200')).toMatchObject({ findings: [], rejections: [{}] })
    expect(await judge(GO.replaceAll('10.96.0.10', '192.168.7.1'))).toMatchObject({ findings: [] })
    expect(await judge(GO.replaceAll('10.96.0.10', '10.96.0.20'))).toMatchObject({ findings: [], rejections: [{}] })
    expect((await judge(GO)).findings).toMatchObject([{ kind: 'cause', strength: 'proof' }])
  })
})
