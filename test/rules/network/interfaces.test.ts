import { describe, expect, it } from 'vitest'
import { cniEc2ApiThrottled } from '../../../src/rules/network/cni-ec2-api-throttled.ts'
import { eniAttachFailed } from '../../../src/rules/network/eni-attach-failed.ts'
import { sgForPodsBranchEniExhausted } from '../../../src/rules/network/sg-for-pods-branch-eni-exhausted.ts'
import { ago } from '../../incident/scene.ts'
import { event, node, pod, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { agent, refused, waiting } from './addresses.ts'

const NO_ADDRESS =
  'plugin type="aws-cni" name="aws-cni" failed (add): add cmd: failed to assign an IP address to container'
const aws = [node('n1'), agent('n1'), workload('DaemonSet', 'kube-system/aws-node')]
const stuck = [...aws, waiting('web-1', 'n1'), refused('web-1', NO_ADDRESS)]
const logged = (words: string, of = 'kube-system/aws-node-n1') => ({
  [`${of}/app`]: `${ago(90)} {"level":"error","msg":"${words}"}\n`,
})

describe('cni-ec2-api-throttled', () => {
  it('is what the agent logs while pods wait', async () => {
    const outcome = await evaluate(cniEc2ApiThrottled, {
      objects: stuck,
      logs: logged('RequestLimitExceeded: slow down'),
    })
    expect(subjectsOf(outcome)).toEqual(['DaemonSet kube-system/aws-node'])
  })

  it('is quiet where nobody waits, and where another program is throttled', async () => {
    const logs = logged('RequestLimitExceeded: slow down')
    expect((await evaluate(cniEc2ApiThrottled, { objects: aws, logs })).status).toBe('clear')
    const objects = [...stuck, pod('shop/exporter-1')]
    const other = logged('RequestLimitExceeded: slow down', 'shop/exporter-1')
    expect((await evaluate(cniEc2ApiThrottled, { objects, logs: other })).status).toBe('clear')
  })
})

describe('eni-attach-failed', () => {
  it('is what the agent logs while pods wait', async () => {
    const logs = logged('Failed to increase pool size due to not able to allocate ENI, AccessDenied')
    expect(subjectsOf(await evaluate(eniAttachFailed, { objects: stuck, logs }))).toEqual([
      'DaemonSet kube-system/aws-node',
    ])
    expect((await evaluate(eniAttachFailed, { objects: stuck })).status).toBe('clear')
  })
})

describe('sg-for-pods-branch-eni-exhausted', () => {
  const words =
    '0/3 nodes are available: 3 Insufficient vpc.amazonaws.com/pod-eni. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.'
  const said = event('shop', 'Pod/web-1', 'FailedScheduling', words, { component: 'default-scheduler' })

  it('is what the scheduler lacks', async () => {
    const pending = pod('shop/web-1', { node: '', ready: false, status: { phase: 'Pending' }, containers: [] })
    expect(subjectsOf(await evaluate(sgForPodsBranchEniExhausted, { objects: [pending, said] }))).toEqual([
      'Pod shop/web-1',
    ])
  })

  it('is over when the pod runs', async () => {
    expect((await evaluate(sgForPodsBranchEniExhausted, { objects: [pod('shop/web-1'), said] })).status).toBe('clear')
  })
})
