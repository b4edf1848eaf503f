import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KubeClient } from '../../src/sources/kube/client.ts'
import { connectKube } from '../../src/sources/kube/connect.ts'
import { execute } from '../../src/sources/kube/exec.ts'
import { openPodPort } from '../../src/sources/kube/pod-port.ts'
import { forwardPort } from '../../src/sources/kube/port-forward.ts'
import type { KubeletNode } from '../../src/sources/kubelet/kubelet.ts'
import { KUBECONFIG } from './cluster/cluster.ts'
import { kubectl } from './cluster/kubectl.ts'

const signal = new AbortController().signal

interface Agent {
  metadata: { name: string; namespace: string }
  spec: { nodeName: string }
  status: { phase: string }
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes in buffers that somebody still needs. */
async function held(): Promise<number> {
  collectGarbage()
  // What is freed is counted out a turn later.
  await nextTurn()
  collectGarbage()
  return process.memoryUsage().arrayBuffers
}

let kube: KubeClient
let agent: Agent
let address: string
beforeAll(async () => {
  kube = await connectKube({ kubeconfig: KUBECONFIG, userAgent: 'freezeframe/e2e', env: {} })
  const list = await kubectl(['get', 'pods', '-n', 'kube-system', '-l', 'app=node-agent', '-o', 'json'])
  agent = (JSON.parse(list) as { items: Agent[] }).items.find(({ status }) => status.phase === 'Running') as Agent
  address = (
    await kubectl([
      'get',
      'node',
      agent.spec.nodeName,
      '-o',
      'jsonpath={.status.addresses[?(@.type=="InternalIP")].address}',
    ])
  ).trim()
})
afterAll(() => kube.close())

const pod = () => ({ namespace: agent.metadata.namespace, pod: agent.metadata.name })

function nodeOf(more: Partial<KubeletNode> = {}): KubeletNode {
  const { nodeName: name } = agent.spec
  return { name, addresses: [address], port: 10250, forwarders: async () => [pod()], ...more }
}

describe('a real kubelet', () => {
  it('is asked at its address', async () => {
    const answer = await kube.kubelets.of(nodeOf()).get('/stats/summary', { signal })
    expect(answer.way).toBe('direct')
    expect(JSON.parse(answer.body.toString())).toMatchObject({ node: { nodeName: agent.spec.nodeName } })
  })

  it('is reached from outside of its network by a port-forward, with its certificate verified inside', async () => {
    const outside = await connectKube({ kubeconfig: KUBECONFIG, userAgent: 'freezeframe/e2e', env: {} })
    // Nobody listens there, as from a machine that is not in the network.
    const kubelet = outside.kubelets.of(nodeOf({ addresses: ['127.0.0.3', address] }))
    const [summary, metrics] = await Promise.all([
      kubelet.get('/stats/summary', { signal }),
      kubelet.get('/metrics/cadvisor', { signal }),
    ])
    await outside.close()
    expect([summary.way, metrics.way]).toEqual(['port-forward', 'port-forward'])
    expect(metrics.body.toString()).toContain('container_cpu_usage_seconds_total')
  })

  it('is asked through the API server only where that is allowed', async () => {
    const nowhere = { addresses: [], forwarders: async () => [] }
    await expect(kube.kubelets.of(nodeOf({ ...nowhere, name: 'other' })).get('/healthz', { signal })).rejects.toThrow(
      'No way leads to the kubelet of node other',
    )
    const allowed = await connectKube({ kubeconfig: KUBECONFIG, userAgent: 'e2e', env: {}, allowNodesProxy: true })
    expect(await allowed.kubelets.of(nodeOf(nowhere)).get('/healthz', { signal })).toMatchObject({ way: 'proxy' })
    await allowed.close()
  })
})

describe('a port of a node', () => {
  it('that only loopback hears answers by a port-forward: kube-proxy, the CNI', async () => {
    const proxy = openPodPort(kube, { ...pod(), port: 10249 })
    expect((await proxy.get('/proxyMode', { signal })).body.toString()).toBe('iptables')
    expect((await proxy.get('/metrics', { signal })).body.toString()).toContain('kubeproxy_sync_proxy_rules')
    await proxy.close()
    const cni = openPodPort(kube, { ...pod(), port: 61679 })
    expect(JSON.parse((await cni.get('/v1/enis', { signal })).body.toString())).toHaveProperty('0.AssignedIPs', 3)
    await cni.close()
  })

  it('that nobody listens on is told in the words of the kubelet', async () => {
    const port = openPodPort(kube, { ...pod(), port: 9 })
    await expect(port.get('/', { signal })).rejects.toThrow(/refused|failed to connect/)
    await port.close()
  })

  it('sends a hundred megabytes through at bounded memory, held back by a slow reader', async () => {
    const stream = await forwardPort(kube, { ...pod(), port: 19999 }, { signal })
    const before = await held()
    let length = 0
    let most = 0
    for await (const chunk of stream) {
      const next = length + (chunk as Buffer).length
      if (Math.floor(next / 2 ** 24) > Math.floor(length / 2 ** 24)) most = Math.max(most, (await held()) - before)
      length = next
    }
    expect(length).toBe(104_857_600)
    expect(most).toBeLessThan(8 * 2 ** 20)
  })
})

describe('a command in a container', () => {
  const run = async (...command: [string, ...string[]]) => {
    const execution = await execute(kube, { ...pod(), container: 'agent', command }, { signal })
    const chunks: Buffer[] = []
    for await (const chunk of execution.stdout) chunks.push(chunk)
    return { stdout: Buffer.concat(chunks), ...execution.ended() }
  }

  it('gives its output, exit code and what it complained of', async () => {
    expect(await run('cat', '/proc/sys/net/netfilter/nf_conntrack_max')).toMatchObject({ exitCode: 0, stderr: '' })
    expect(await run('cat', '/nothing')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('/nothing') })
  })

  it('that does not exist is told in the words of the runtime', async () => {
    await expect(run('/usr/sbin/conntrack', '-S')).rejects.toThrow(/no such file|executable file not found/)
  })

  it('gives a hundred megabytes whole', async () => {
    const { stdout, exitCode } = await run('head', '-c', '104857600', '/dev/zero')
    expect([stdout.length, exitCode]).toEqual([104_857_600, 0])
  })
})
