import type { Collector } from '../src/collector.ts'
import { askNodePorts } from './ask-node-ports.ts'

/** Its own port and that of its health check (kubernetes/kubernetes, pkg/cluster/ports). */
const OWN = { port: 10249, content: { type: 'text' } } as const
const HEALTH = { port: 10256, content: { type: 'text' } } as const

/** How kube-proxy works on a node, when it last wrote its rules, how many there are, and whether it is well. */
export const kubeProxy: Collector = {
  id: 'kube-proxy',
  title: 'Mode, health and counters of kube-proxy',
  volatility: 1,
  scope: 'node',
  sampled: true,
  reads: [{ connects: 'pods/portforward', namespaces: ['kube-system'] }],
  collect: (context) =>
    askNodePorts(context, kubeProxy, [
      { ...OWN, path: '/proxyMode', file: 'mode.txt', once: true },
      { ...OWN, path: '/metrics', file: 'metrics.txt' },
      // 503 with its reason where the rules are older than what should be in them.
      { ...HEALTH, path: '/healthz', file: 'healthz.txt', anyStatus: true },
    ]),
}
