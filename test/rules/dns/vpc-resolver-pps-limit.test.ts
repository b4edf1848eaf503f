import { describe, expect, it } from 'vitest'
import { vpcResolverPpsLimit } from '../../../src/rules/dns/vpc-resolver-pps-limit.ts'
import type { Thing } from '../../incident/scene.ts'
import { event, node, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { cluster, logOf, logs, nameServer, OUTSIDE, UPSTREAM } from './cluster.ts'

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
