import { describe, expect, it } from 'vitest'
import { vpcResolverPpsLimit } from '../../../src/rules/dns/vpc-resolver-pps-limit.ts'
import { kernelOf } from '../../incident/kernel-answers.ts'
import type { Thing } from '../../incident/scene.ts'
import { event, node, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { client, cluster, logOf, logs, nameServer, OUTSIDE, UPSTREAM } from './cluster.ts'

describe('vpc-resolver-pps-limit', () => {
  it('names the node of the name servers where the agent of AWS says so', async () => {
    const said = event('', 'Node/node-1', 'LinkLocalExceeded', 'linklocal_allowance_exceeded increased from 0 to 120', {
      component: 'eks-node-monitoring-agent',
    })
    const outcome = await evaluate(vpcResolverPpsLimit, {
      objects: [...cluster, ...nameServer(), node('node-1'), said],
      logs: logOf(OUTSIDE),
    })
    expect(subjectsOf(outcome)).toEqual(['Node node-1'])
    expect(outcome.findings[0]).toMatchObject({ strength: 'strong' })
  })

  it('is quiet outside of AWS', async () => {
    expect(
      (
        await evaluate(vpcResolverPpsLimit, {
          objects: [...cluster, ...nameServer(), node('node-1')],
          logs: logs(UPSTREAM, OUTSIDE),
        })
      ).status,
    ).toBe('clear')
  })

  it('suspects it where all servers share a node of AWS and the resolver is silent, as long as no agent counts', async () => {
    const second = (on: string) =>
      pod('kube-system/coredns-5d4f7c8b9-zzzzz', {
        owner: 'ReplicaSet/coredns-5d4f7c8b9',
        labels: { 'k8s-app': 'kube-dns' },
        node: on,
      })
    const said = event('', 'Node/node-9', 'LinkLocalExceeded', 'linklocal_allowance_exceeded increased from 0 to 120', {
      component: 'eks-node-monitoring-agent',
    })
    const aws = node('node-1', { spec: { providerID: 'aws:///zone-a/i-0123' } })
    const of = (...more: Thing[]) =>
      evaluate(vpcResolverPpsLimit, {
        objects: [...cluster, ...nameServer(), aws, ...more],
        logs: logs(UPSTREAM, OUTSIDE),
      })
    expect((await of(second('node-1'))).findings).toMatchObject([{ subject: { name: 'coredns' }, strength: 'weak' }])
    expect(await of(second('node-2'))).toMatchObject({ status: 'clear', rejections: [{}] })
    expect(subjectsOf(await of(second('node-1'), said))).toEqual(['Node node-9'])
  })
})

describe('linklocal_allowance_exceeded', () => {
  const second = pod('kube-system/coredns-5d4f7c8b9-zzzzz', {
    owner: 'ReplicaSet/coredns-5d4f7c8b9',
    labels: { 'k8s-app': 'kube-dns' },
    node: 'node-2',
  })
  const objects = [...cluster, ...nameServer(), node('node-1'), node('node-2')]
  const grown = kernelOf('node-1', { ena: { linklocal: [7, 900] } })
  const told = (files: Record<string, string>, log: Record<string, string>, ...more: Thing[]) =>
    evaluate(vpcResolverPpsLimit, { objects: [...objects, ...more], logs: log, files })

  it('proves it where the name servers of the node get no answer and names outside do not resolve', async () => {
    const { findings } = await told(grown, logs(UPSTREAM, OUTSIDE))
    expect(findings).toMatchObject([{ kind: 'cause', strength: 'proof', subject: { name: 'node-1' } }])
    expect(findings[0]?.says).toContain('linklocal_allowance_exceeded grew by 893 within 30 s; 1 name server')
    expect(findings[0]?.affects?.map(({ name }) => name)).toContain('web')
  })

  it('is strong where the name servers say nothing, a risk where names resolve', async () => {
    expect((await told(grown, logOf(OUTSIDE))).findings).toMatchObject([{ kind: 'cause', strength: 'strong' }])
    expect((await told(grown, {})).findings).toMatchObject([{ kind: 'risk', strength: 'weak', affects: [] }])
    const few = await told(kernelOf('node-1', { ena: { linklocal: [7, 12] } }), logs(UPSTREAM, OUTSIDE))
    expect([few.status, few.rejections[0]?.says]).toEqual([
      'clear',
      'Its linklocal_allowance_exceeded grew by 5 within 30 s: so few are asked again.',
    ])
  })

  it('is weak where the logs of the name servers tell of no question without an answer', async () => {
    const quiet = logs('[INFO] 10.244.0.10:5 - 1 "A IN db.example.com. udp 32 false 512" SERVFAIL qr 0.1s', OUTSIDE)
    expect((await told(grown, quiet)).findings).toMatchObject([{ kind: 'cause', strength: 'weak' }])
  })

  it('is not proved by a lookup or two of who is well', async () => {
    const well = objects.map((one) =>
      one === client ? pod('shop/web-6c8f7d9b5-abcde', { owner: 'ReplicaSet/web-6c8f7d9b5' }) : one,
    )
    const { findings } = await evaluate(vpcResolverPpsLimit, {
      objects: well,
      logs: logs(UPSTREAM, OUTSIDE),
      files: grown,
    })
    expect(findings).toMatchObject([{ kind: 'cause', strength: 'strong' }])
  })

  it('has against it a name server that gets no answer where nothing is dropped', async () => {
    const still = kernelOf('node-2', { ena: { linklocal: [3, 3] } })
    const log = {
      ...logs(UPSTREAM, OUTSIDE),
      'kube-system/coredns-5d4f7c8b9-zzzzz/coredns': `2026-02-01T11:58:00Z ${UPSTREAM}`,
    }
    const { findings } = await told({ ...grown, ...still }, log, second)
    expect(findings[0]).toMatchObject({ strength: 'strong', against: [{}] })
  })

  it('is of no weight on a node that names do not go through', async () => {
    const elsewhere = kernelOf('node-2', { ena: { linklocal: [7, 900] } })
    expect((await told(elsewhere, logs(UPSTREAM, OUTSIDE))).findings).toMatchObject([
      { kind: 'risk', strength: 'weak' },
    ])
  })

  it('clears the node of the name servers where it stands still', async () => {
    const aws = node('node-1', { spec: { providerID: 'aws:///zone-a/i-0123' } })
    const pair = [
      ...cluster,
      ...nameServer(),
      aws,
      { ...second, spec: { ...(second.spec as object), nodeName: 'node-1' } } as Thing,
    ]
    const of = (files: Record<string, string>) =>
      evaluate(vpcResolverPpsLimit, { objects: pair, logs: logs(UPSTREAM, OUTSIDE), files })
    expect((await of({})).findings).toHaveLength(1)
    const still = await of(kernelOf('node-1', { ena: { linklocal: [7, 7] } }))
    expect([still.status, still.rejections.length]).toEqual(['clear', 1])
  })
})
