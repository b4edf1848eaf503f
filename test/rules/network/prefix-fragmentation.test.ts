import { describe, expect, it } from 'vitest'
import { prefixFragmentation } from '../../../src/rules/network/prefix-fragmentation.ts'
import { ago } from '../../incident/scene.ts'
import { node, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { agent, waiting } from './addresses.ts'

const objects = [node('n1'), agent('n1'), workload('DaemonSet', 'kube-system/aws-node'), waiting('web-1', 'n1')]
const logged = (code: string) => ({
  'kube-system/aws-node-n1/app': `${ago(90)} {"level":"error","msg":"${code}: no"}\n`,
})

describe('prefix-fragmentation', () => {
  it('is what EC2 calls insufficient blocks', async () => {
    const outcome = await evaluate(prefixFragmentation, { objects, logs: logged('InsufficientCidrBlocks') })
    expect(subjectsOf(outcome)).toEqual(['DaemonSet kube-system/aws-node'])
  })

  it('is not a subnet without addresses', async () => {
    const logs = logged('InsufficientFreeAddressesInSubnet')
    expect((await evaluate(prefixFragmentation, { objects, logs })).status).toBe('clear')
  })
})
