import { describe, expect, it } from 'vitest'
import { kubeProxyStaleOrDown } from '../../../src/rules/network/kube-proxy-stale-or-down.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { crashed, node, pod, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const nodes = [node('n1'), node('n2')]
const set = workload('DaemonSet', 'kube-system/kube-proxy', {}, 2)
const proxy = (on: string, ready = true): Thing =>
  pod(`kube-system/kube-proxy-${on}`, {
    owner: 'DaemonSet/kube-proxy',
    node: on,
    ready,
    containers: [{ status: ready ? {} : crashed() }],
  })
const REFUSED =
  'reflector.go:150] k8s.io/client-go/informers/factory.go:150: Failed to watch *v1.Service: failed to list *v1.Service: the server could not find the requested resource'
const logged = (seconds: number) => ({
  'kube-system/kube-proxy-n1/app': [seconds + 20, seconds]
    .map((at) => `${ago(at)} E0201 11:58:00.000000       1 ${REFUSED}`)
    .join('\n'),
})

describe('kube-proxy-stale-or-down', () => {
  it('sees a pod of it that crashes', async () => {
    const outcome = await evaluate(kubeProxyStaleOrDown, { objects: [...nodes, set, proxy('n1', false), proxy('n2')] })
    expect(subjectsOf(outcome)).toEqual(['DaemonSet kube-system/kube-proxy'])
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Node', name: 'n1' })
  })

  it('sees a node without it, unless the list of pods is not whole or the node needs none', async () => {
    const missing = [...nodes, set, proxy('n2')]
    const outcome = await evaluate(kubeProxyStaleOrDown, { objects: missing })
    expect(outcome.findings[0]?.says).toContain('n1')
    const windows = node('n1', { metadata: { labels: { 'kubernetes.io/os': 'windows' } } })
    expect((await evaluate(kubeProxyStaleOrDown, { objects: [windows, node('n2'), set, proxy('n2')] })).status).toBe(
      'clear',
    )
    expect((await evaluate(kubeProxyStaleOrDown, { objects: missing, denied: ['nodes'] })).status).toBe('clear')
  })

  it('is meant to be nowhere where the network plugin does its work, as long as nobody suffers', async () => {
    const nowhere = workload('DaemonSet', 'kube-system/kube-proxy', {}, 0)
    expect((await evaluate(kubeProxyStaleOrDown, { objects: [...nodes, nowhere] })).status).toBe('clear')
    const sick = pod('shop/web-1', { node: 'n1', ready: false })
    expect((await evaluate(kubeProxyStaleOrDown, { objects: [...nodes, nowhere, sick] })).status).toBe('fired')
  })

  it('reads that it does not follow, while that lasts', async () => {
    const objects = [...nodes, set, proxy('n1'), proxy('n2')]
    expect((await evaluate(kubeProxyStaleOrDown, { objects, logs: logged(60) })).findings[0]?.strength).toBe('strong')
    const over = await evaluate(kubeProxyStaleOrDown, { objects, logs: logged(2000) })
    expect([over.status, over.rejections.length]).toEqual(['clear', 1])
  })

  it('is quiet where all is well, and where another program does its work', async () => {
    expect((await evaluate(kubeProxyStaleOrDown, { objects: [...nodes, set, proxy('n1'), proxy('n2')] })).status).toBe(
      'clear',
    )
    expect((await evaluate(kubeProxyStaleOrDown, { objects: nodes })).status).toBe('clear')
  })

  it('does not take what has its name, other agents of nodes, or that of Windows for it', async () => {
    const sick = (owner: string, name: string) =>
      pod(`kube-system/${name}`, { owner, node: 'n1', ready: false, containers: [{ status: crashed() }] })
    for (const objects of [
      [
        workload('Deployment', 'kube-system/kube-proxy'),
        sick('ReplicaSet/kube-proxy-6c8f7d9b5', 'kube-proxy-6c8f7d9b5-abcde'),
      ],
      [workload('DaemonSet', 'kube-system/kube-router'), sick('DaemonSet/kube-router', 'kube-router-abcde')],
      [
        workload('DaemonSet', 'kube-system/kube-proxy-windows'),
        sick('DaemonSet/kube-proxy-windows', 'kube-proxy-windows-abcde'),
      ],
    ])
      expect((await evaluate(kubeProxyStaleOrDown, { objects: [...nodes, ...objects] })).findings).toEqual([])
  })
})
