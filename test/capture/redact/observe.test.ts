import { describe, expect, it } from 'vitest'
import { redactList, redactText } from './redactor.ts'

describe('what planning learns from a page on its way', () => {
  it('only which pods there are, where no logs are chosen', () => {
    const settings = { onlyNames: true }
    const pod = { metadata: { name: 'web-1', namespace: 'shop', uid: 'u1' }, spec: { nodeName: 'n1' } }
    const failed = { ...pod, status: { phase: 'Failed', containerStatuses: [{ name: 'app', restartCount: 3 }] } }
    expect(redactList('pods', [failed], settings).observed).toEqual(redactList('pods', [pod]).observed)
    expect(redactList('nodes', [{ metadata: { name: 'n1' } }], settings).observed).toEqual([])
    expect(redactList('events', [{ metadata: { name: 'e1' }, type: 'Warning' }], settings).observed).toEqual([])
  })

  it('pods: containers of every kind, restarts and why', () => {
    const { observed } = redactList('pods', [
      {
        metadata: {
          name: 'web-1',
          namespace: 'shop',
          uid: 'u1',
          ownerReferences: [{ uid: 'other' }, { uid: 'rs1', controller: true }],
          deletionTimestamp: '2026-01-31T08:00:00Z',
        },
        spec: { nodeName: 'n1', containers: [{ name: 'app' }] },
        status: {
          phase: 'Running',
          conditions: [{ type: 'Ready', status: 'False' }],
          initContainerStatuses: [
            { name: 'migrate', restartCount: 0, state: { terminated: { exitCode: 0, reason: 'Completed' } } },
            { name: 'proxy', ready: true, started: true, state: { running: {} } },
          ],
          containerStatuses: [
            {
              name: 'app',
              restartCount: 3,
              ready: false,
              state: { waiting: { reason: 'CrashLoopBackOff' } },
              lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
            },
          ],
          ephemeralContainerStatuses: [{ name: 'debugger', state: { running: {} } }],
        },
      },
    ])
    expect(observed).toEqual([
      expect.objectContaining({
        kind: 'Pod',
        namespace: 'shop',
        name: 'web-1',
        uid: 'u1',
        nodeName: 'n1',
        controller: 'rs1',
        phase: 'Running',
        ready: false,
        deletionTimestamp: '2026-01-31T08:00:00Z',
      }),
    ])
    const [pod] = observed
    expect(pod?.kind === 'Pod' && pod.containers).toEqual([
      expect.objectContaining({ name: 'migrate', type: 'init', state: 'terminated', exitCode: 0, hasPrevious: false }),
      expect.objectContaining({ name: 'proxy', type: 'sidecar', state: 'running' }),
      expect.objectContaining({
        name: 'app',
        type: 'container',
        restarts: 3,
        reason: 'CrashLoopBackOff',
        hasPrevious: true,
      }),
      expect.objectContaining({ name: 'debugger', type: 'ephemeral' }),
    ])
  })

  it('nodes: conditions of the kubelet and of the node monitoring agent, each in its own sense', () => {
    const condition = (type: string, status: string) => ({ type, status })
    const { observed } = redactList('nodes', [
      {
        metadata: { name: 'n1', uid: 'u1', labels: { 'karpenter.sh/nodepool': 'general' } },
        spec: { unschedulable: true, taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] },
        status: {
          conditions: [
            condition('Ready', 'True'),
            condition('MemoryPressure', 'True'),
            condition('DiskPressure', 'False'),
            condition('KernelReady', 'False'),
            condition('NetworkingReady', 'True'),
          ],
          addresses: [
            { type: 'Hostname', address: 'n1.internal' },
            { type: 'ExternalIP', address: '192.0.2.1' },
            { type: 'InternalIP', address: '10.0.0.1' },
          ],
          daemonEndpoints: { kubeletEndpoint: { Port: 10350 } },
          nodeInfo: { bootID: 'b1' },
        },
      },
    ])
    expect(observed).toEqual([
      {
        kind: 'Node',
        name: 'n1',
        uid: 'u1',
        ready: true,
        unschedulable: true,
        problems: ['MemoryPressure', 'KernelReady'],
        taints: ['node.kubernetes.io/unschedulable:NoSchedule'],
        addresses: ['10.0.0.1', 'n1.internal', '192.0.2.1'],
        kubeletPort: 10350,
        pool: 'general',
        bootId: 'b1',
      },
    ])
  })

  it('events: what they are about', () => {
    const involvedObject = { kind: 'Pod', namespace: 'shop', name: 'web-1', uid: 'u1' }
    const { observed } = redactList('events', [{ involvedObject, type: 'Warning', reason: 'BackOff', message: 'x' }])
    expect(observed).toEqual([{ kind: 'Event', type: 'Warning', reason: 'BackOff', object: involvedObject }])
  })

  it('nothing from objects of other groups that have the same names', () => {
    const usage = { metadata: { name: 'n1' }, usage: { cpu: '1' }, status: { images: [] } }
    for (const name of ['nodes.metrics.k8s.io', 'pods.metrics.k8s.io', 'events.example.com'])
      expect(redactList(name, [usage], { dropNodeImages: true })).toMatchObject({ observed: [], items: [usage] })
    const settings = { metadata: { name: 'a', namespace: 'b' }, data: { a: 'plain' } }
    expect(redactList('configmaps.example.com', [settings]).items).toEqual([settings])
    const definition = { spec: { versions: [{ schema: {} }] } }
    expect(redactList('customresourcedefinitions.example.com', [definition]).items).toEqual([definition])
  })

  it('changes: what became of the object', () => {
    const line = JSON.stringify({
      observedAt: '2026-01-31T08:00:00Z',
      type: 'DELETED',
      object: { metadata: { name: 'a', namespace: 'b', uid: 'c' }, status: {} },
    })
    const gap = JSON.stringify({ observedAt: '2026-01-31T08:00:01Z', type: 'GAP', reason: 'too old resource version' })
    const { observed, text } = redactText(`${line}\n${gap}\n`, { type: 'changes', group: '', resource: 'pods' })
    expect(observed).toEqual([expect.objectContaining({ name: 'a', change: 'DELETED' })])
    expect(text).toBe(`${line}\n${gap}\n`)
  })
})
