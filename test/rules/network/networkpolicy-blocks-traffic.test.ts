import { describe, expect, it } from 'vitest'
import { networkpolicyBlocksTraffic } from '../../../src/rules/network/networkpolicy-blocks-traffic.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { endpointSlice, pod, service, thing, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const web = pod('shop/web-1', { labels: { app: 'web' } })
const db = [
  pod('data/db-0', {
    labels: { app: 'db' },
    containers: [{ spec: { ports: [{ name: 'sql', containerPort: 5432 }] } }],
    status: { podIP: '10.244.0.30' },
  }),
  service('data/db', {
    spec: { clusterIP: '10.96.0.30', ports: [{ port: 5432, targetPort: 'sql', protocol: 'TCP' }] },
  }),
]
const dns = [
  pod('kube-system/coredns-1', { labels: { 'k8s-app': 'kube-dns', app: 'kube-dns' }, status: { podIP: '10.244.0.2' } }),
  service('kube-system/kube-dns', {
    metadata: { labels: { 'k8s-app': 'kube-dns' } },
    spec: {
      clusterIP: '10.96.0.10',
      selector: { 'k8s-app': 'kube-dns' },
      ports: [{ name: 'dns', port: 53, targetPort: 53, protocol: 'UDP' }],
    },
  }),
]
const policy = (place: string, spec: Record<string, unknown>, created = 600): Thing =>
  thing('networking.k8s.io/v1', 'NetworkPolicy', place, {
    metadata: { creationTimestamp: ago(created) },
    spec: { podSelector: {}, ...spec },
  })
const logged = (line: string, seconds = 300) => ({ 'shop/web-1/app': `${ago(seconds)} level=error msg="${line}"\n` })
const timeout = logged('dial tcp 10.96.0.30:5432: i/o timeout')
const denyEgress = policy('shop/deny', { policyTypes: ['Egress'] })
const allow = (rule: Record<string, unknown>): Thing =>
  policy('shop/allow', { policyTypes: ['Egress'], egress: [rule] })

describe('networkpolicy-blocks-traffic', () => {
  it('names the policy that keeps a caller from its target', async () => {
    const outcome = await evaluate(networkpolicyBlocksTraffic, { objects: [web, ...db, denyEgress], logs: timeout })
    expect(subjectsOf(outcome)).toEqual(['NetworkPolicy shop/deny'])
    expect(outcome.findings[0]).toMatchObject({ strength: 'proof', from: Date.parse(ago(300)) })
  })

  it('names the policy that keeps callers from getting in', async () => {
    const deny = policy('data/deny', { ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }] }] })
    const outcome = await evaluate(networkpolicyBlocksTraffic, { objects: [web, ...db, deny], logs: timeout })
    expect(subjectsOf(outcome)).toEqual(['NetworkPolicy data/deny'])
  })

  it.each([
    [
      'the namespace and the port',
      {
        to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'data' } } }],
        ports: [{ port: 5432 }],
      },
    ],
    ['the name of the port', { to: [{ namespaceSelector: {} }], ports: [{ port: 'sql' }] }],
    ['a range of ports', { ports: [{ port: 5000, endPort: 6000 }] }],
    ['a block of addresses', { to: [{ ipBlock: { cidr: '10.244.0.0/16' } }] }],
  ])('is quiet where a rule allows %s', async (_, rule) => {
    const objects = [web, ...db, denyEgress, allow(rule)]
    expect((await evaluate(networkpolicyBlocksTraffic, { objects, logs: timeout })).status).toBe('clear')
  })

  it.each([
    ['another port', { ports: [{ port: 80 }] }],
    ['another protocol', { ports: [{ port: 5432, protocol: 'UDP' }] }],
    ['pods of its own namespace', { to: [{ podSelector: {} }] }],
    ['another block', { to: [{ ipBlock: { cidr: '10.244.0.0/16', except: ['10.244.0.0/24'] } }] }],
  ])('fires where rules allow only %s', async (_, rule) => {
    const objects = [web, ...db, denyEgress, allow(rule)]
    expect((await evaluate(networkpolicyBlocksTraffic, { objects, logs: timeout })).status).toBe('fired')
  })

  it('knows that without port 53 no name resolves', async () => {
    const logs = logged(
      'dial tcp: lookup db.data.svc.cluster.local on 10.96.0.10:53: read udp 10.244.0.9:40000->10.96.0.10:53: i/o timeout',
    )
    const rule = allow({ to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'data' } } }] })
    const outcome = await evaluate(networkpolicyBlocksTraffic, { objects: [web, ...db, ...dns, rule], logs })
    expect(subjectsOf(outcome)).toEqual(['NetworkPolicy shop/allow'])
    expect(outcome.findings[0]?.says).toContain('cluster DNS')
    const open = allow({ to: [{ namespaceSelector: {} }], ports: [{ port: 53, protocol: 'UDP' }] })
    expect((await evaluate(networkpolicyBlocksTraffic, { objects: [web, ...db, ...dns, open], logs })).status).toBe(
      'clear',
    )
  })

  it('does not blame a policy for a name that the name server says does not exist', async () => {
    const logs = logged('dial tcp: lookup db.data.svc.cluster.local on 10.96.0.10:53: no such host')
    expect(
      (await evaluate(networkpolicyBlocksTraffic, { objects: [web, ...db, ...dns, denyEgress], logs })).status,
    ).toBe('clear')
  })

  it('does not blame a policy that was written after the calls had failed', async () => {
    const late = policy('shop/deny', { policyTypes: ['Egress'] }, 100)
    const outcome = await evaluate(networkpolicyBlocksTraffic, { objects: [web, ...db, late], logs: timeout })
    expect(outcome.status).toBe('clear')
    expect(outcome.rejections).toHaveLength(1)
  })

  it('doubts where others that no policy stops fail with the same target', async () => {
    const api = pod('api/api-1', { labels: { app: 'api' } })
    const logs = {
      ...timeout,
      'api/api-1/app': `${ago(290)} level=error msg="dial tcp 10.96.0.30:5432: i/o timeout"\n`,
    }
    const outcome = await evaluate(networkpolicyBlocksTraffic, { objects: [web, api, ...db, denyEgress], logs })
    expect(outcome.findings[0]?.strength).toBe('strong')
    expect(outcome.findings[0]?.against).toHaveLength(1)
  })

  it('only suspects policies where a failing pod does not say what fails', async () => {
    const silent = pod('shop/web-1', {
      labels: { app: 'web' },
      ready: false,
      containers: [{ spec: { env: [{ name: 'DB', value: 'postgres://db.data:5432' }] } }],
    })
    const outcome = await evaluate(networkpolicyBlocksTraffic, { objects: [silent, ...db, denyEgress] })
    expect(outcome.findings.map(({ strength }) => strength)).toEqual(['weak'])
  })

  it('is quiet without failing calls, with endpoints that are not ready, and under flannel', async () => {
    expect((await evaluate(networkpolicyBlocksTraffic, { objects: [web, ...db, denyEgress] })).status).toBe('clear')
    const sick = pod('data/db-0', { labels: { app: 'db' }, ready: false, status: { podIP: '10.244.0.30' } })
    const down = [web, sick, db[1] as Thing, denyEgress, endpointSlice('data/db', [{ pod: 'db-0', ready: false }])]
    expect((await evaluate(networkpolicyBlocksTraffic, { objects: down, logs: timeout })).status).toBe('clear')
    const flannel = [web, ...db, denyEgress, workload('DaemonSet', 'kube-flannel/kube-flannel-ds')]
    expect((await evaluate(networkpolicyBlocksTraffic, { objects: flannel, logs: timeout })).status).toBe('clear')
  })

  it('has nothing to say where there are no policies, whatever the plugin', async () => {
    const objects = [web, ...db, workload('DaemonSet', 'kube-flannel/kube-flannel-ds')]
    expect(await evaluate(networkpolicyBlocksTraffic, { objects, logs: timeout })).toMatchObject({
      findings: [],
      rejections: [],
    })
  })

  describe('by a policy of the plugin, whose rules are not read', () => {
    const cilium = (created: number, place = 'data/deny', endpointSelector: object = {}) =>
      thing('cilium.io/v2', 'CiliumNetworkPolicy', place, {
        metadata: { creationTimestamp: ago(created) },
        spec: { endpointSelector, ingress: [{}] },
      })
    const since = (seconds: number) => ({
      'shop/web-1/app': `${ago(4000)} started\n${ago(seconds)} level=error msg="dial tcp 10.96.0.30:5432: i/o timeout"\n`,
    })
    const of = async (one: Thing, logs: Record<string, string> = since(500)) =>
      (await evaluate(networkpolicyBlocksTraffic, { objects: [web, ...db, one], logs })).findings

    it('takes one that was written just before for what fits', async () => {
      expect(await of(cilium(600))).toMatchObject([
        { kind: 'cause', strength: 'strong', subject: { kind: 'CiliumNetworkPolicy', name: 'deny' } },
      ])
      expect(await of(cilium(600), logged('dial tcp 10.96.0.30:5432: i/o timeout', 500))).toMatchObject([
        { strength: 'weak' },
      ])
    })

    it('leaves a call to the policy of Kubernetes that stops it', async () => {
      const objects = [web, ...db, denyEgress, cilium(600)]
      const outcome = await evaluate(networkpolicyBlocksTraffic, { objects, logs: since(500) })
      expect(subjectsOf(outcome)).toEqual(['NetworkPolicy shop/deny'])
    })

    it.each([
      ['it is older', cilium(90_000)],
      ['calls failed before', cilium(200)],
      ['it is of another namespace', cilium(600, 'other/deny')],
      ['it selects other pods', cilium(600, 'data/deny', { matchLabels: { app: 'cache' } })],
    ])('is quiet where %s', async (_, one) => {
      expect(await of(one)).toEqual([])
    })
  })
})
