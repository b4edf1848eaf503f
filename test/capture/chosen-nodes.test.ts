import { describe, expect, it } from 'vitest'
import { chooseNodes } from '../../src/capture/chosen-nodes.ts'
import type { ObservedNode, ObservedPod } from '../../src/collector.ts'

function node(name: string, more: Partial<ObservedNode> = {}): ObservedNode {
  return {
    kind: 'Node',
    name,
    uid: name,
    ready: true,
    unschedulable: false,
    problems: [],
    taints: [],
    addresses: ['10.0.0.1'],
    kubeletPort: 10250,
    pool: 'general',
    ...more,
  }
}

function pod(name: string, nodeName: string, more: Partial<ObservedPod> = {}): ObservedPod {
  return {
    kind: 'Pod',
    namespace: 'shop',
    name,
    uid: name,
    nodeName,
    phase: 'Running',
    ready: true,
    containers: [],
    ...more,
  }
}

const names = (targets: readonly { name: string }[]) => targets.map(({ name }) => name)

describe('whose kubelets are asked', () => {
  it.each<[string, Partial<ObservedNode>]>([
    ['which is not Ready', { ready: false }],
    ['which reports KernelReady', { problems: ['KernelReady'] }],
    ['which is cordoned', { unschedulable: true }],
    ['which has the taint karpenter.sh/disrupted:NoSchedule', { taints: ['karpenter.sh/disrupted:NoSchedule'] }],
    [
      'which has the taint ToBeDeletedByClusterAutoscaler:NoSchedule',
      { taints: ['ToBeDeletedByClusterAutoscaler:NoSchedule'] },
    ],
  ])('a node %s, as soon as it is seen, and once', (reason, more) => {
    const chosen = chooseNodes('suspects')
    expect(chosen.see(node('a', more))).toMatchObject([{ name: 'a', suspect: true, reason, port: 10250 }])
    expect(chosen.see(node('a', more))).toEqual([])
  })

  it('those that host what fails, the most first, when all pods are known', () => {
    const chosen = chooseNodes('suspects')
    for (const name of ['a', 'b', 'c', 'd', 'e']) expect(chosen.see(node(name))).toEqual([])
    for (const [name, on] of [
      ['p', 'b'],
      ['q', 'c'],
      ['r', 'c'],
    ] as const)
      chosen.see(pod(name, on, { ready: false }))
    chosen.see(pod('well', 'a'))
    expect(chosen.settle()).toMatchObject([
      { name: 'c', suspect: true, reason: 'hosts 2 failing pods' },
      { name: 'b', suspect: true, reason: 'hosts shop/p not Ready' },
      { name: 'a', suspect: false, reason: 'healthy control of its pool' },
      { name: 'd', suspect: false, reason: 'healthy control of its pool' },
    ])
  })

  it('two controls of each pool, the pools of the sick first', () => {
    const chosen = chooseNodes('suspects')
    for (const name of ['a1', 'a2', 'a3']) chosen.see(node(name, { pool: 'a' }))
    for (const name of ['b1', 'b2']) chosen.see(node(name, { pool: 'b' }))
    chosen.see(node('b3', { pool: 'b', ready: false }))
    expect(names(chosen.settle())).toEqual(['b1', 'b2', 'a1', 'a2'])
  })

  it('all, none, or those that were named', () => {
    const seen = (policy: Parameters<typeof chooseNodes>[0]) => {
      const chosen = chooseNodes(policy)
      return names([...chosen.see(node('a')), ...chosen.see(node('b', { ready: false })), ...chosen.settle()])
    }
    expect(seen('all')).toEqual(['a', 'b'])
    expect(seen('none')).toEqual([])
    expect(seen(['a'])).toEqual(['a'])
  })
})

describe('the pods that a node is reached through', () => {
  it("are running, have the node's network, and are those of the system first", async () => {
    const chosen = chooseNodes('all')
    chosen.see(pod('own', 'a', { hostNetwork: true }))
    chosen.see(pod('ends', 'a', { hostNetwork: true, phase: 'Failed' }))
    chosen.see(pod('other', 'b', { hostNetwork: true }))
    chosen.see(pod('kube-proxy-1', 'a', { hostNetwork: true, namespace: 'kube-system' }))
    chosen.see(pod('plain', 'a'))
    const [target] = chosen.see(node('a'))
    expect(await target?.forwarders()).toEqual([
      { namespace: 'kube-system', pod: 'kube-proxy-1' },
      { namespace: 'shop', pod: 'own' },
    ])
  })

  it('are waited for until all pods are known', async () => {
    const chosen = chooseNodes('all')
    const [target] = chosen.see(node('a'))
    const waiting = target?.forwarders()
    chosen.see(pod('kube-proxy-1', 'a', { hostNetwork: true, namespace: 'kube-system' }))
    chosen.settle()
    expect(await waiting).toEqual([{ namespace: 'kube-system', pod: 'kube-proxy-1' }])
    const [empty] = chosen.see(node('b'))
    expect(await empty?.forwarders()).toEqual([])
  })
})
