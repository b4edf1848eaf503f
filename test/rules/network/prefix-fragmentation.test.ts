import { describe, expect, it } from 'vitest'
import { prefixFragmentation } from '../../../src/rules/network/prefix-fragmentation.ts'
import { type CountedAddresses, ipamd } from '../../incident/node-answers.ts'
import { ago } from '../../incident/scene.ts'
import { node, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { agent, waiting } from './addresses.ts'

const objects = [node('n1'), agent('n1'), workload('DaemonSet', 'kube-system/aws-node'), waiting('web-1', 'n1')]
const logged = (code: string) => ({
  'kube-system/aws-node-n1/app': `${ago(90)} {"level":"error","msg":"${code}: no"}\n`,
})
const CODES = ['InsufficientCidrBlocks', 'InsufficientFreeAddressesInSubnet']

describe('prefix-fragmentation', () => {
  it('is what EC2 calls insufficient blocks', async () => {
    const outcome = await evaluate(prefixFragmentation, { objects, logs: logged('InsufficientCidrBlocks') })
    expect(subjectsOf(outcome)).toEqual(['DaemonSet kube-system/aws-node'])
    expect(outcome.findings[0]?.strength).toBe('strong')
  })

  it('is a weak sign where the subnet is said to be full as well', async () => {
    const both = {
      'kube-system/aws-node-n1/app': CODES.map((code) => logged(code)['kube-system/aws-node-n1/app']).join(''),
    }
    const { findings } = await evaluate(prefixFragmentation, { objects, logs: both })
    expect(findings).toMatchObject([{ strength: 'weak', against: [{}] }])
  })

  it('is not a subnet without addresses', async () => {
    const logs = logged('InsufficientFreeAddressesInSubnet')
    expect((await evaluate(prefixFragmentation, { objects, logs })).status).toBe('clear')
  })

  describe('by what agents count', () => {
    const blocks = 'AssignPrivateIpAddresses InsufficientCidrBlocks'
    const find = (more: CountedAddresses) =>
      evaluate(prefixFragmentation, { objects, files: ipamd('n1', { sentAway: [3, 7], ...more }) })

    it('is likely where EC2 finds no block, and doubtful where it finds no address either', async () => {
      expect((await find({ refused: { [blocks]: [4, 5] } })).findings).toMatchObject([{ strength: 'strong' }])
      const full = 'CreateNetworkInterface InsufficientFreeAddressesInSubnet'
      const doubtful = await find({ refused: { [blocks]: [4, 5], [full]: [0, 1] } })
      expect(doubtful.findings).toMatchObject([{ strength: 'weak', against: [{}] }])
    })

    it('is quiet where blocks lacked once and there are addresses now', async () => {
      expect((await find({ refused: { [blocks]: 4 }, total: 26 })).findings).toEqual([])
      expect((await find({ refused: { [blocks]: [4, 5] }, sentAway: 3, total: 26 })).findings).toEqual([])
    })
  })
})
