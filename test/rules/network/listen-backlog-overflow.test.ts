import { describe, expect, it } from 'vitest'
import { listenBacklogOverflow } from '../../../src/rules/network/listen-backlog-overflow.ts'
import { kernelOf } from '../../incident/kernel-answers.ts'
import { cadvisor, throttled } from '../../incident/kubelet-answers.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { crashed, pod, service } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { nodes, signal } from './node-signals.ts'

const flood = (port: string) =>
  signal('KernelLog', `TCP: request_sock_TCP: Possible SYN flooding on port ${port}. Sending cookies.`)
const web = pod('shop/web-6c8f7d9b5-1', {
  owner: 'ReplicaSet/web-6c8f7d9b5',
  node: 'n1',
  labels: { app: 'web' },
  containers: [{ spec: { ports: [{ containerPort: 8080 }] } }],
})

describe('listen-backlog-overflow', () => {
  it.each(['8080', '0.0.0.0:8080', '[::]:8080'])('names the program that listens on %s', async (port) => {
    const outcome = await evaluate(listenBacklogOverflow, {
      objects: [...nodes, web, service('shop/web'), flood(port)],
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]?.kind).toBe('amplifier')
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Node', name: 'n1' })
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Service', namespace: 'shop', name: 'web' })
  })

  it('names the node where no pod is known to listen there', async () => {
    const outcome = await evaluate(listenBacklogOverflow, { objects: [...nodes, web, flood('9090')] })
    expect(subjectsOf(outcome)).toEqual(['Node n1'])
    expect(outcome.findings[0]?.says).toContain('A program on n1 takes new connections too slowly, on port 9090')
  })

  it('names the node where pods of several workloads listen there', async () => {
    const api = pod('shop/api-6c8f7d9b5-1', {
      owner: 'ReplicaSet/api-6c8f7d9b5',
      node: 'n1',
      containers: [{ spec: { ports: [{ containerPort: 8080 }] } }],
    })
    const outcome = await evaluate(listenBacklogOverflow, { objects: [...nodes, web, api, flood('8080')] })
    expect(subjectsOf(outcome)).toEqual(['Node n1'])
  })

  it('is quiet where the kernel drops for another reason', async () => {
    const objects = [...nodes, web, signal('KernelLog', 'nf_conntrack: table full, dropping packet')]
    expect((await evaluate(listenBacklogOverflow, { objects })).status).toBe('clear')
  })
})

describe('the counters of network namespaces', () => {
  const UID = '0a1b2c3d-1111-4222-8333-444455556666'
  const server = (spec = {}, name = 'api-6c8f7d9b5-1', uid = UID) =>
    pod(`shop/${name}`, {
      owner: 'ReplicaSet/api-6c8f7d9b5',
      node: 'n1',
      labels: { app: 'api' },
      metadata: { uid },
      spec,
    })
  const caller = pod('shop/web-6c8f7d9b5-1', { owner: 'ReplicaSet/web-6c8f7d9b5', node: 'n2' })
  const waiting = { 'shop/web-6c8f7d9b5-1/app': `${ago(90)} level=error msg="dial tcp 10.96.0.20:80: i/o timeout"\n` }
  const told = (
    counted: Parameters<typeof kernelOf>[1],
    {
      objects = [server()],
      logs = waiting,
      files = {},
    }: { objects?: Thing[]; logs?: Record<string, string>; files?: Record<string, string> } = {},
  ) =>
    evaluate(listenBacklogOverflow, {
      objects: [...nodes, ...objects, service('shop/api'), caller],
      logs,
      files: { ...kernelOf('n1', counted), ...files },
    })

  it('name the program whose own queue overflows while callers wait', async () => {
    const [finding] = (await told({ pods: { [UID]: [10, 267] } })).findings
    expect(finding).toMatchObject({ kind: 'cause', strength: 'strong', subject: { name: 'api' } })
    expect(finding?.says).toContain(
      'of api-6c8f7d9b5-1, TcpExtListenOverflows grew by 257 within 30 s; calls of web get no answer',
    )
    expect(finding?.affects?.map(({ kind, name }) => `${kind} ${name}`)).toContain('Service api')
  })

  it('are a risk where nobody waits, and nothing where it is a burst', async () => {
    expect((await told({ pods: { [UID]: [0, 900] } }, { logs: {} })).findings).toMatchObject([{ kind: 'risk' }])
    const burst = await told({ pods: { [UID]: [0, 60] } }, { logs: {} })
    expect([burst.status, burst.rejections.length]).toEqual(['clear', 1])
  })

  it('are sure of few only where a caller is not well', async () => {
    const few = { pods: { [UID]: [0, 40] } }
    expect((await told(few)).findings).toMatchObject([{ kind: 'cause', strength: 'weak' }])
    const ill = pod('shop/web-6c8f7d9b5-2', { owner: 'ReplicaSet/web-6c8f7d9b5', node: 'n2', ready: false })
    expect((await told(few, { objects: [server(), ill] })).findings).toMatchObject([
      { kind: 'cause', strength: 'strong' },
    ])
  })

  it('do not take what the node counts for a pod that has a network of its own', async () => {
    expect((await told({ overflows: [0, 900], pods: { [UID]: [3, 3] } })).status).toBe('clear')
    const host = await told({ overflows: [0, 900] }, { objects: [server({ hostNetwork: true })] })
    expect(host.findings).toMatchObject([{ kind: 'cause', subject: { name: 'api' } }])
    expect(host.findings[0]?.says).toContain('where net.core.somaxconn is 128')
  })

  it('do not tell which of two pods of the network of the node it is', async () => {
    const other = server({ hostNetwork: true }, 'api-6c8f7d9b5-2', '0a1b2c3d-1111-4222-8333-444455557777')
    const two = await told({ overflows: [0, 900] }, { objects: [server({ hostNetwork: true }), other] })
    expect(two.status).toBe('clear')
    const asPods = { overflows: [0, 900], pods: { [UID]: [0, 900] } }
    expect((await told(asPods, { objects: [server({ hostNetwork: true }), other] })).status).toBe('clear')
  })

  it('are how callers feel it where the program is held up, or waits itself', async () => {
    const files = cadvisor('n1', throttled('api-6c8f7d9b5-1', [0, 100], [0, 90]))
    const held = await told({ pods: { [UID]: [10, 267] } }, { files })
    expect(held.findings[0]).toMatchObject({ kind: 'amplifier' })
    expect(held.findings[0]?.says).toContain('while its CPU limit holds it up')
    const logs = {
      ...waiting,
      'shop/api-6c8f7d9b5-1/app': `${ago(90)} level=error msg="dial tcp 203.0.113.7:5432: i/o timeout"\n`,
    }
    const waits = await told({ pods: { [UID]: [10, 267] } }, { logs })
    expect(waits.findings[0]).toMatchObject({ kind: 'amplifier' })
    const ending = pod('shop/api-6c8f7d9b5-1', {
      owner: 'ReplicaSet/api-6c8f7d9b5',
      node: 'n1',
      labels: { app: 'api' },
      metadata: { uid: UID },
      ready: false,
      containers: [{ status: crashed() }],
    })
    const ends = await told({ pods: { [UID]: [10, 267] } }, { objects: [ending] })
    expect(ends.findings[0]).toMatchObject({ kind: 'amplifier' })
  })

  it('mean nothing since the start of the pod, in one sample or in both', async () => {
    expect((await told({ pods: { [UID]: [9000] } })).status).toBe('clear')
    expect((await told({ pods: { [UID]: [9000, 9000] } })).status).toBe('clear')
  })
})
