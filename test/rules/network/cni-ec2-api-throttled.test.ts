import { describe, expect, it } from 'vitest'
import { cniEc2ApiThrottled } from '../../../src/rules/network/cni-ec2-api-throttled.ts'
import { type CountedAddresses, ipamd } from '../../incident/node-answers.ts'
import { event, node, pod, service, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { agent, agentLogs, stuck, waiting } from './addresses.ts'

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

  describe('by what agents count', () => {
    const objects = [node('n1'), agent('n1'), workload('DaemonSet', 'kube-system/aws-node'), waiting('web-1', 'n1')]
    const throttled = 'CreateNetworkInterface RequestLimitExceeded'
    const find = (more: CountedAddresses, scene = objects) =>
      evaluate(cniEc2ApiThrottled, { objects: scene, files: ipamd('n1', { sentAway: [3, 7], ...more }) })

    it('is likely where EC2 throttles an agent that has none left for a pod', async () => {
      const { findings } = await find({ refused: { [throttled]: [40, 45] } })
      expect(findings).toMatchObject([{ strength: 'strong', subject: { name: 'aws-node' } }])
      expect(findings[0]?.cites).toHaveLength(2)
    })

    it('is quiet where it was throttled before, where no pod waits, and where the subnet is full', async () => {
      expect((await find({ refused: { [throttled]: 40 } })).findings).toEqual([])
      const well = objects.slice(0, 3)
      expect((await find({ refused: { [throttled]: [40, 45] } }, well)).findings).toEqual([])
      const full = 'AssignPrivateIpAddresses InsufficientFreeAddressesInSubnet'
      const outcome = await find({ refused: { [throttled]: [40, 45], [full]: [0, 1] } })
      expect([outcome.findings.length, outcome.rejections.length]).toEqual([0, 1])
    })
  })
})
