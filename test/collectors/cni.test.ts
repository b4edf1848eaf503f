import { describe, expect, it } from 'vitest'
import { cni } from '../../collectors/cni.ts'
import { collect, files, nodeTarget, statuses } from './collect.ts'
import { servePorts } from './ports.ts'

const UNKNOWN = '{"AvailableCommands":["/v1/enis","/v1/ipamd-env-settings"]}'
const IPAMD = {
  ':61679/v1/enis': '{"0":{"TotalIPs":28,"AssignedIPs":3,"ENIs":{}}}',
  ':61679/v1/pods': UNKNOWN,
  ':61679/v1/networkutils-env-settings': '{"AWS_VPC_K8S_CNI_EXTERNALSNAT":false}',
  ':61679/v1/ipamd-env-settings': '{"WARM_ENI_TARGET":1}',
}

const COUNTERS = { ':61678/metrics': 'awscni_total_ip_addresses 28\n', ':8162/metrics': 'policy_setup_latency 1\n' }

describe('cni', () => {
  it('keeps what the daemon knows and counts, through a pod of the node, in the folder of its sample', async () => {
    const { kube, requests } = await servePorts({ ...IPAMD, ...COUNTERS })
    const collected = await collect(cni, () => {}, { target: nodeTarget(), kube })
    expect(files(collected)).toEqual({
      'nodes/n1/0/cni/enis.json': IPAMD[':61679/v1/enis'],
      'nodes/n1/0/cni/networkutils-env.json': '{"AWS_VPC_K8S_CNI_EXTERNALSNAT":false}',
      'nodes/n1/0/cni/ipamd-env.json': '{"WARM_ENI_TARGET":1}',
      'nodes/n1/0/cni/metrics.txt': COUNTERS[':61678/metrics'],
      'nodes/n1/0/cni/policy-agent.txt': COUNTERS[':8162/metrics'],
    })
    expect(requests[0]).toBe('GET /api/v1/namespaces/kube-system/pods/aws-node-1/portforward?ports=61679')
    expect(collected.evidence[0]).toMatchObject({
      scope: { node: 'n1', sample: 0, path: ':61679/v1/enis' },
      obtained: {
        way: 'port-forward',
        monotonicMs: expect.any(Number),
        request: expect.stringContaining('aws-node-1'),
      },
    })
  })

  it('never takes the list of what the daemon knows for an answer', async () => {
    const { kube } = await servePorts({ ...IPAMD, ...COUNTERS })
    const { closes } = await collect(cni, () => {}, { target: nodeTarget(), kube })
    expect(closes.find(({ scope }) => scope.path === ':61679/v1/pods')).toMatchObject({
      status: 'unsupported',
      reason: expect.stringContaining('does not know this path'),
    })
  })

  it('asks in the second sample only for what may have changed', async () => {
    const { kube } = await servePorts({ ...IPAMD, ...COUNTERS })
    const collected = await collect(cni, () => {}, { target: nodeTarget(), kube, sample: 1 })
    expect(Object.keys(files(collected))).toEqual([
      'nodes/n1/1/cni/enis.json',
      'nodes/n1/1/cni/metrics.txt',
      'nodes/n1/1/cni/policy-agent.txt',
    ])
  })

  it('is not supported on a node where nobody listens, which has another CNI', async () => {
    const { kube } = await servePorts({})
    const collected = await collect(cni, () => {}, { target: nodeTarget(), kube })
    expect(collected.evidence).toEqual([])
    expect(new Set(collected.closes.map(({ status }) => status))).toEqual(new Set(['unsupported']))
    expect(collected.closes[0]?.reason).toBe('nobody listens on port 61679')
  })

  it('is denied in one line, in words that are the same for every pod of the namespace', async () => {
    const forbidden = (pod: string) =>
      `pods "${pod}" is forbidden: User "jane" cannot create resource "pods/portforward" in API group "" in the namespace "kube-system"`
    const { kube } = await servePorts(IPAMD, { 'aws-node-1': [403, forbidden('aws-node-1')] })
    const { closes } = await collect(cni, () => {}, { target: nodeTarget(), kube })
    expect(closes).toMatchObject([
      {
        scope: { node: 'n1', sample: 0 },
        status: 'denied',
        reason: forbidden('x').replace('pods "x"', 'pods/portforward'),
      },
    ])
  })

  it('takes another pod of the node where the first is gone', async () => {
    const forwarders = async () => ['aws-node-1', 'aws-node-2'].map((pod) => ({ namespace: 'kube-system', pod }))
    const { kube } = await servePorts(IPAMD, { 'aws-node-1': [404, 'pods "aws-node-1" not found'] })
    const collected = await collect(cni, () => {}, { target: nodeTarget('n1', { forwarders }), kube })
    expect(statuses(collected)[0]).toBe(':61679/v1/enis complete')
    expect(collected.evidence[0]?.obtained.request).toContain('aws-node-2')
  })

  it('fails in one line where the kubelet of the node is dead, and is not asked where no pod leads there', async () => {
    const dialled = 'error dialing backend: dial tcp 10.0.0.1:10250: connect: connection refused'
    const { kube } = await servePorts(IPAMD, { 'aws-node-1': [500, dialled] })
    const dead = await collect(cni, () => {}, { target: nodeTarget(), kube })
    expect(dead.closes).toMatchObject([{ status: 'failed', reason: dialled }])
    const alone = await collect(cni, () => {}, { target: nodeTarget('n1', { forwarders: async () => [] }), kube })
    expect(alone.closes).toMatchObject([{ status: 'not-asked', reason: expect.stringContaining('no running pod') }])
  })
})
