import { describe, expect, it } from 'vitest'
import { subnetIpExhaustion } from '../../../src/rules/network/subnet-ip-exhaustion.ts'
import { type CountedAddresses, ipamd } from '../../incident/node-answers.ts'
import { ago } from '../../incident/scene.ts'
import { event, node, pod, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { agent, refused, waiting } from './addresses.ts'

const NO_ADDRESS =
  'plugin type="aws-cni" name="aws-cni" failed (add): add cmd: failed to assign an IP address to container'
const OLD =
  'networkPlugin cni failed to set up pod "web-1_shop" network: add cmd: failed to assign an IP address to container'
const aws = [node('n1'), node('n2'), agent('n1'), agent('n2'), workload('DaemonSet', 'kube-system/aws-node')]

describe('subnet-ip-exhaustion', () => {
  it('is proved by what EC2 answered the agent', async () => {
    const line = `${ago(90)} {"level":"error","msg":"Failed to allocate: InsufficientFreeAddressesInSubnet: The specified subnet does not have enough free addresses"}\n`
    const outcome = await evaluate(subnetIpExhaustion, {
      objects: [...aws, waiting('web-1', 'n1'), refused('web-1', NO_ADDRESS)],
      logs: { 'kube-system/aws-node-n1/app': line },
    })
    expect(subjectsOf(outcome)).toEqual(['DaemonSet kube-system/aws-node'])
    expect(outcome.findings[0]?.strength).toBe('proof')
  })

  it.each([NO_ADDRESS, OLD])('is likely where several nodes have none left: %s', async (words) => {
    const objects = [
      ...aws,
      waiting('web-1', 'n1'),
      waiting('web-2', 'n2'),
      refused('web-1', words),
      refused('web-2', words),
    ]
    const outcome = await evaluate(subnetIpExhaustion, { objects })
    expect(outcome.findings.map(({ strength }) => strength)).toEqual(['strong'])
    const one = await evaluate(subnetIpExhaustion, {
      objects: [...aws, waiting('web-1', 'n1'), refused('web-1', words)],
    })
    expect(one.findings.map(({ strength, subject }) => `${strength} ${subject.name}`)).toEqual(['weak n1'])
  })

  it.each([
    'plugin type="flannel" failed (add): failed to delegate add: failed to allocate for range 0: no IP addresses available in range set: 10.244.1.1-10.244.1.254',
    'plugin type="calico" failed (add): failed to request IPv4 addresses: Assigned 0 out of 1 requested IPv4 addresses; No IPs available in pools: [10.99.9.0/29]',
    'plugin type="azure-vnet" failed (add): Failed to allocate pool: Failed to delegate: Failed to allocate address: No available addresses',
  ])('knows the range of a node of other plugins: %s', async (words) => {
    const outcome = await evaluate(subnetIpExhaustion, {
      objects: [node('n1'), waiting('web-1', 'n1'), refused('web-1', words)],
    })
    expect(outcome.findings.map(({ strength, subject }) => `${strength} ${subject.name}`)).toEqual(['proof n1'])
  })

  it('is quiet where EC2 gave no interface, and where pods have addresses by now', async () => {
    const line = `${ago(90)} {"level":"error","msg":"Failed to increase pool size due to not able to allocate ENI, AccessDenied"}\n`
    const denied = await evaluate(subnetIpExhaustion, {
      objects: [...aws, waiting('web-1', 'n1'), refused('web-1', NO_ADDRESS)],
      logs: { 'kube-system/aws-node-n1/app': line },
    })
    expect(denied.status).toBe('clear')
    const over = await evaluate(subnetIpExhaustion, {
      objects: [...aws, pod('shop/web-1'), refused('web-1', NO_ADDRESS)],
    })
    expect(over.status).toBe('clear')
  })

  it('leaves the subnets of load balancers to their controller', async () => {
    const words =
      'Failed build model due to unable to resolve at least one subnet (1 have insufficient available IP addresses: [subnet-1])'
    const said = event('shop', 'Ingress/web', 'FailedBuildModel', words, { component: 'ingress' })
    expect((await evaluate(subnetIpExhaustion, { objects: [...aws, said] })).status).toBe('clear')
  })

  it('keeps pods from a node where machines find no address', async () => {
    const words = 'creating instance, InsufficientFreeAddressesInSubnet: There are not enough free addresses in subnet'
    const said = event('', 'NodeClaim/default-x1', 'LaunchFailed', words, { component: 'karpenter' })
    const pending = pod('shop/web-1', { node: '', ready: false, status: { phase: 'Pending' }, containers: [] })
    const outcome = await evaluate(subnetIpExhaustion, { objects: [...aws, said, pending] })
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Pod', namespace: 'shop', name: 'web-1' })
  })

  describe('by what agents count', () => {
    const objects = [...aws, waiting('web-1', 'n1')]
    const full = 'AssignPrivateIpAddresses InsufficientFreeAddressesInSubnet'
    const counted = (more: CountedAddresses) => ({ objects, files: ipamd('n1', more) })

    it('is proved where EC2 refuses an agent that has none left for a pod', async () => {
      const outcome = await evaluate(subnetIpExhaustion, counted({ refused: { [full]: [4, 5] }, sentAway: [3, 7] }))
      expect(outcome.findings).toMatchObject([{ strength: 'proof', subject: { name: 'aws-node' } }])
      expect(outcome.findings[0]?.says).toContain('EC2 refused 1 request of the agent on n1 within 30 s')
      expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Pod', namespace: 'shop', name: 'web-1' })
    })

    it('tells who keeps addresses that no pod has', async () => {
      const pool = '{"0":{"TotalIPs":28,"AssignedIPs":3,"ENIs":{}}}'
      const files = {
        ...ipamd('n1', { refused: { [full]: [4, 5] }, sentAway: [3, 7] }),
        'nodes/n2/0/cni/enis.json': pool,
        'nodes/n2/0/cni/ipamd-env.json': '{"WARM_ENI_TARGET":1}',
      }
      const { findings } = await evaluate(subnetIpExhaustion, { objects, files })
      expect(findings[0]?.says).toContain(
        '1 node that was asked keeps 25 that no pod has (n2 25, WARM_ENI_TARGET is 1)',
      )
    })

    it('is likely where it was refused before, has no free address, and sends pods away now', async () => {
      const before = counted({ refused: { [full]: 4 }, sentAway: [3, 7] })
      expect((await evaluate(subnetIpExhaustion, before)).findings.map(({ strength }) => strength)).toEqual(['strong'])
    })

    it.each<[string, CountedAddresses]>([
      ['nobody was sent away, and addresses are free', { refused: { [full]: [4, 5] }, total: 12 }],
      ['it was refused before, and addresses are free', { refused: { [full]: 4 }, sentAway: [3, 7], total: 12 }],
      ['it was refused before, and nobody is sent away', { refused: { [full]: 4 } }],
      [
        'EC2 refuses it for another reason now',
        { refused: { [full]: 4, 'CreateNetworkInterface UnauthorizedOperation': [0, 1] }, sentAway: [3, 7] },
      ],
      [
        'it has all that its interfaces hold',
        { refused: { [full]: 4 }, sentAway: [3, 7], total: 15, assigned: 15, interfaces: 3 },
      ],
      ['the agent started anew', { refused: { [full]: [4, 5] }, sentAway: [3, 7], started: [1, 2] }],
    ])('is quiet where %s', async (_, more) => {
      expect((await evaluate(subnetIpExhaustion, counted(more))).findings).toEqual([])
    })

    it('is quiet where no pod waits', async () => {
      const files = ipamd('n1', { refused: { [full]: [4, 5] }, sentAway: [3, 7] })
      expect((await evaluate(subnetIpExhaustion, { objects: [...aws, pod('shop/web-1')], files })).findings).toEqual([])
    })

    it('takes the limit of a node for that, however many nodes are full', async () => {
      const stuck = [
        ...aws,
        waiting('web-1', 'n1'),
        waiting('web-2', 'n2'),
        refused('web-1', NO_ADDRESS),
        refused('web-2', NO_ADDRESS),
      ]
      const limit = { sentAway: [3, 7] as const, interfaces: 3, total: 15, assigned: 15 }
      const files = { ...ipamd('n1', limit), ...ipamd('n2', limit) }
      const outcome = await evaluate(subnetIpExhaustion, { objects: stuck, files })
      expect(outcome.findings).toEqual([])
      expect(JSON.stringify(outcome.rejections)).toContain('n1 has all 3 interfaces that it may have')
      const one = await evaluate(subnetIpExhaustion, { objects: stuck, files: ipamd('n1', limit) })
      expect(one.findings.map(({ strength }) => strength)).toEqual(['weak'])
    })
  })
})
