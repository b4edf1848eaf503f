import { describe, expect, it } from 'vitest'
import type { LedgerLine } from '../../../src/bundle/format.ts'
import { kubeProxyStaleOrDown } from '../../../src/rules/network/kube-proxy-stale-or-down.ts'
import { connections, tableOf } from '../../incident/kernel-connections.ts'
import { portLines, proxyCounters } from '../../incident/node-answers.ts'
import { ago, repeated, type Scene, type Thing } from '../../incident/scene.ts'
import { crashed, endpointSlice, node, pod, service, workload } from '../../incident/things.ts'
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

  describe('by what it says of itself', () => {
    const ill =
      '{"lastUpdated": "2026-02-01 11:50:00 +0000 UTC","currentTime": "2026-02-01 11:55:00 +0000 UTC", "nodeEligible": true}'
    const leaving = ill.replace('true', 'false')
    const pods = [...nodes, set, proxy('n1'), proxy('n2')]
    const suffering = [...pods, pod('shop/web-1', { node: 'n1', ready: false }), service('shop/db')]
    const unanswered = { 'shop/web-1/app': repeated('ERROR dial tcp 10.96.0.20:80: i/o timeout', 5, 200, 30) }
    const health = (text: string, samples: readonly number[] = [0, 1], status = 503): Scene => {
      const paths = samples.map((sample) => `nodes/n1/${sample}/kube-proxy/healthz.txt`)
      const of = <T>(value: T) => Object.fromEntries(paths.map((path) => [path, value]))
      return { objects: suffering, files: of(text), statuses: of(status) }
    }
    const stuck = { asked: [1_769_940_500, 1_769_940_900], failed: [3, 4] } as const

    const calls = { 'shop/web-1/app': `${ago(90)} level=error msg="dial tcp 10.96.0.20:80: i/o timeout"\n` }
    const db = [
      pod('shop/db-0', { node: 'n2', labels: { app: 'db' } }),
      service('shop/db'),
      endpointSlice('shop/db', [{ pod: 'db-0', ready: true }]),
    ]

    it('is sure where it calls itself ill in every sample while calls to a Service fail there', async () => {
      const scene = { ...health(ill), objects: [...suffering, ...db], logs: calls }
      const { findings } = await evaluate(kubeProxyStaleOrDown, scene)
      expect(findings).toMatchObject([{ strength: 'proof', subject: { kind: 'DaemonSet', name: 'kube-proxy' } }])
      expect(findings[0]?.says).toContain('last wrote them 300 s ago')
      expect(findings[0]?.affects).toContainEqual({ kind: 'Node', name: 'n1' })
    })

    it('is not sure of pods that log other failures, or calls that nobody could answer', async () => {
      const strengthOf = async (objects: readonly Thing[], logs: Record<string, string>) =>
        (await evaluate(kubeProxyStaleOrDown, { ...health(ill), objects, logs })).findings[0]?.strength
      expect(await strengthOf(suffering, {})).toBe('strong')
      expect(await strengthOf(suffering, { 'shop/web-1/app': `${ago(62)} panic: index out of range\n` })).toBe('weak')
      const outside = { 'shop/web-1/app': `${ago(90)} level=error msg="dial tcp 203.0.113.7:443: i/o timeout"\n` }
      expect(await strengthOf(suffering, outside)).toBe('weak')
      const unserved = [...suffering, ...db.slice(0, 2), endpointSlice('shop/db', [{ pod: 'db-0', ready: false }])]
      expect(await strengthOf(unserved, calls)).toBe('weak')
    })

    it('takes less than that for less', async () => {
      expect((await evaluate(kubeProxyStaleOrDown, health(ill))).findings[0]?.strength).toBe('strong')
      const once = { ...health(ill, [1]), logs: unanswered }
      expect((await evaluate(kubeProxyStaleOrDown, once)).findings[0]?.strength).toBe('strong')
      const unfelt = { ...health(ill), objects: pods }
      expect((await evaluate(kubeProxyStaleOrDown, unfelt)).findings[0]?.strength).toBe('weak')
      const late = { objects: suffering, files: proxyCounters('n1', { asked: stuck.asked }) }
      expect((await evaluate(kubeProxyStaleOrDown, late)).findings[0]?.strength).toBe('weak')
    })

    it('is sure where writing fails, does not succeed, and what was asked for does not come', async () => {
      const { findings } = await evaluate(kubeProxyStaleOrDown, {
        objects: [...suffering, ...db],
        logs: calls,
        files: proxyCounters('n1', stuck),
      })
      expect(findings).toMatchObject([{ strength: 'proof' }])
      expect(findings[0]?.says).toContain('failed 1 time to write its rules within 30 s')
    })

    it.each<[string, Scene]>([
      ['a node that is being taken away', health(leaving)],
      ['one that is well, by the same words', health(ill, [0, 1], 200)],
      [
        'one that was ill in the first sample only',
        { ...health(ill, [0]), files: { ...health(ill, [0]).files, ...health(ill, [1], 200).files } },
      ],
      [
        'a failure that was made good',
        { objects: suffering, files: proxyCounters('n1', { failed: [3, 4], written: [1_769_940_001, 1_769_940_020] }) },
      ],
      ['failures of the past', { objects: suffering, files: proxyCounters('n1', { failed: 4 }) }],
    ])('is quiet about %s', async (_, scene) => {
      expect((await evaluate(kubeProxyStaleOrDown, scene)).findings).toEqual([])
    })

    it('is told of the node where it is no DaemonSet, and of nobody else who answers there', async () => {
      const objects = [...nodes, pod('shop/web-1', { node: 'n1', ready: false })]
      const other = { ...health(ill), objects }
      expect((await evaluate(kubeProxyStaleOrDown, other)).findings).toEqual([])
      const own = { ...other, files: { ...other.files, ...proxyCounters('n1') } }
      expect(subjectsOf(await evaluate(kubeProxyStaleOrDown, own))).toEqual(['Node n1'])
    })

    it('is suspected where it listens nowhere, and does on other nodes', async () => {
      const both = { 10249: false, 10256: false }
      const silent = portLines('n1', 'kube-proxy', both)
      const heard = portLines('n2', 'kube-proxy', { 10249: true, 10256: true })
      const of = (objects: readonly Thing[], ...asked: LedgerLine[]) =>
        evaluate(kubeProxyStaleOrDown, { objects, asked })
      expect((await of(suffering, ...silent, ...heard)).findings).toMatchObject([{ strength: 'strong' }])
      expect((await of(pods, ...silent, ...heard)).findings).toMatchObject([{ strength: 'weak' }])
      expect((await of(suffering, ...silent, ...portLines('n2', 'kube-proxy', both))).findings).toEqual([])
      expect((await of(suffering, ...portLines('n1', 'kube-proxy', { 10256: false }), ...heard)).findings).toEqual([])
    })
  })

  describe('where connections to a Service go', () => {
    const machine = node('n1', { status: { addresses: [{ type: 'InternalIP', address: '10.0.0.11' }] } })
    const client = pod('shop/till-1', { node: 'n1', status: { podIP: '10.244.0.9' } })
    const served = pod('shop/web-1', { node: 'n2', labels: { app: 'web' }, status: { podIP: '10.244.0.10' } })
    const slice = endpointSlice('shop/web', [{ pod: 'web-1', ready: true }])
    const objects = [machine, node('n2'), set, proxy('n1'), proxy('n2'), service('shop/web'), client, served, slice]
    const to = (endpoint: string): Scene => {
      const entries = connections(8, '10.244.0.9', '10.96.0.20:80', { endpoint, unreplied: true, state: 'SYN_SENT' })
      return { objects, files: tableOf('n1', { count: [8], entries }) }
    }
    const logs = { 'shop/till-1/app': repeated('ERROR dial tcp 10.96.0.20:80: i/o timeout', 5, 200, 30) }

    it('tells who leads them to an address that is no endpoint, surer where calls get no answer', async () => {
      const felt = await evaluate(kubeProxyStaleOrDown, { ...to('10.244.0.77:8080'), logs })
      expect(felt.findings).toMatchObject([{ strength: 'strong', subject: { name: 'kube-proxy' } }])
      expect(felt.findings[0]?.says).toContain('(n1) leads 8 connections of web to 10.244.0.77')
      const [calm] = (await evaluate(kubeProxyStaleOrDown, to('10.244.0.77:8080'))).findings
      expect(calm?.strength).toBe('weak')
    })

    it('says nothing of connections to an endpoint that does not answer', async () => {
      expect((await evaluate(kubeProxyStaleOrDown, { ...to('10.244.0.10:8080'), logs })).status).toBe('clear')
    })
  })
})
