import { describe, expect, it } from 'vitest'
import { network } from '../../../src/rules/network/index.ts'
import type { Rule } from '../../../src/rules/rule.ts'
import { ago, type Scene, type Thing } from '../../incident/scene.ts'
import { endpointSlice, event, node, pod, service, thing, workload } from '../../incident/things.ts'
import { evaluate } from '../check.ts'
import { refused } from './addresses.ts'

const zones = ['a', 'b', 'c'].map((zone) =>
  node(`n-${zone}`, { metadata: { labels: { 'topology.kubernetes.io/zone': zone } } }),
)
const onEach = (name: string): Thing[] => [
  workload('DaemonSet', `kube-system/${name}`, {}, 3),
  ...['a', 'b', 'c'].map((zone) =>
    pod(`kube-system/${name}-${zone}`, { owner: `DaemonSet/${name}`, node: `n-${zone}` }),
  ),
]
const starting = pod('shop/web-6c8f7d9b5-new', {
  owner: 'ReplicaSet/web-6c8f7d9b5',
  node: 'n-a',
  created: 5,
  ready: false,
  labels: { app: 'web' },
  containers: [{ status: { ready: false, started: false, state: { waiting: { reason: 'ContainerCreating' } } } }],
  status: { phase: 'Pending', podIP: '' },
})
const NO_AGENT = 'plugin type="calico" failed (add): stat /var/lib/calico/nodename: no such file or directory'
const deny = thing('networking.k8s.io/v1', 'NetworkPolicy', 'shop/default-deny', {
  spec: {
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
    egress: [{ to: [{ namespaceSelector: {} }] }],
    ingress: [{}],
  },
})

/** A cluster that is well, with old sorrows, a rollout half-way, a Job that is done and calls that failed when things started. */
const scene: Scene = {
  objects: [
    ...zones,
    ...onEach('kube-proxy'),
    ...onEach('calico-node'),
    pod('shop/web-6c8f7d9b5-old', { owner: 'ReplicaSet/web-6c8f7d9b5', node: 'n-b', labels: { app: 'web' } }),
    starting,
    pod('shop/report-1', { owner: 'Job/report', node: 'n-c', ready: false, status: { phase: 'Succeeded' } }),
    pod('shop/db-0', { labels: { app: 'db' }, node: 'n-c', status: { podIP: '10.244.0.30' } }),
    service('shop/web'),
    service('shop/db', { spec: { clusterIP: '10.96.0.30' } }),
    endpointSlice('shop/db', [{ pod: 'db-0', ready: true }]),
    deny,
    refused('web-6c8f7d9b5-old', NO_AGENT, 3300),
    event('shop', 'Ingress/web', 'FailedDeployModel', 'Failed deploy model due to Throttling: Rate exceeded', {
      last: 900,
    }),
    event('shop', 'Ingress/web', 'SuccessfullyReconciled', 'Successfully reconciled', { type: 'Normal', last: 800 }),
    event('', 'Node/n-b', 'MissingIPRules', 'no rule for 10.0.0.9', {
      last: 300,
      component: 'eks-node-monitoring-agent',
    }),
    event('', 'Node/n-b', 'ConntrackFull', 'Conntrack table usage over 90%: 240000 out of 262144', { last: 300 }),
    event('', 'Node/n-b', 'ConntrackExceeded', 'exceeded', { last: 300, component: 'eks-node-monitoring-agent' }),
    event('', 'Node/n-a', 'BandwidthInExceeded', 'exceeded', { last: 300, component: 'eks-node-monitoring-agent' }),
  ],
  logs: {
    'shop/web-6c8f7d9b5-old/app': `${ago(3590)} level=error msg="dial tcp 10.96.0.30:80: i/o timeout"\n${[9000, 7000, 3000, 200].map((at) => `${ago(at)} level=warn msg="read tcp 10.244.0.10:5000->203.0.113.7:443: read: connection reset by peer"\n`).join('')}`,
    'kube-system/kube-proxy-a/app': `${ago(3590)} E0201 reflector.go:150] Failed to watch *v1.Service: failed to list *v1.Service: Get "https://10.96.0.1": dial tcp 10.96.0.1:443: connect: connection refused\n`,
  },
}

describe('a cluster that is well and noisy', () => {
  it.each(network.map((rule: Rule) => [rule.id, rule] as const))('has no cause by %s', async (_, rule) => {
    const { findings } = await evaluate(rule, scene)
    expect(findings.filter(({ kind }) => kind === 'cause')).toEqual([])
  })
})
