import { describe, expect, it } from 'vitest'
import { listenBacklogOverflow } from '../../../src/rules/network/listen-backlog-overflow.ts'
import { pod, service } from '../../incident/things.ts'
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
