import { describe, expect, it } from 'vitest'
import { cniEc2ApiThrottled } from '../../../src/rules/network/cni-ec2-api-throttled.ts'
import { event, node, pod, service } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { agent, agentLogs, stuck } from './addresses.ts'

const logs = agentLogs('RequestLimitExceeded: Request limit exceeded.')

describe('cni-ec2-api-throttled', () => {
  it('is what the agent logs while pods wait', async () => {
    const outcome = await evaluate(cniEc2ApiThrottled, { objects: [...stuck, service('shop/web')], logs })
    expect(subjectsOf(outcome)).toEqual(['DaemonSet kube-system/aws-node'])
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Node', name: 'n1' })
  })

  it('is quiet where nobody waits', async () => {
    expect((await evaluate(cniEc2ApiThrottled, { objects: [node('n1'), agent('n1')], logs })).status).toBe('clear')
  })

  it.each(['shop/exporter-1', 'kube-system/cluster-autoscaler-1'])('is not what throttles %s', async (place) => {
    const scene = { objects: [...stuck, pod(place)], logs: agentLogs('Throttling: Rate exceeded', place) }
    expect((await evaluate(cniEc2ApiThrottled, scene)).status).toBe('clear')
  })

  it('is not what throttles the controller of load balancers', async () => {
    const said = event(
      'shop',
      'Ingress/web',
      'FailedDeployModel',
      'Failed deploy model due to Throttling: Rate exceeded',
    )
    expect((await evaluate(cniEc2ApiThrottled, { objects: [...stuck, said] })).status).toBe('clear')
  })

  it('is not a subnet that is full', async () => {
    const full = `${Object.values(agentLogs('InsufficientFreeAddressesInSubnet: no free addresses'))[0]}`
    const both = { 'kube-system/aws-node-n1/app': `${full}${Object.values(logs)[0]}` }
    const outcome = await evaluate(cniEc2ApiThrottled, { objects: stuck, logs: both })
    expect([outcome.status, outcome.rejections.length]).toEqual(['clear', 1])
  })
})
