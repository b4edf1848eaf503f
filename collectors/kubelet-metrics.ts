import type { Collector } from '../src/collector.ts'
import { askNode } from './ask-node.ts'

const TEXT = { type: 'text' } as const

/** What the kubelet counts of itself: PLEG, runtime operations, evictions, volumes, probes, its requests to the API server. */
export const kubeletMetrics: Collector = {
  id: 'kubelet-metrics',
  title: 'Counters of kubelets',
  volatility: 1,
  scope: 'node',
  sampled: true,
  reads: [{ group: '', resources: ['nodes/metrics'], verbs: ['get'] }],
  collect: (context) =>
    askNode(context, kubeletMetrics, [
      { path: '/metrics', file: 'metrics.txt', content: TEXT },
      { path: '/metrics/resource', file: 'resource.txt', content: TEXT },
      { path: '/metrics/probes', file: 'probes.txt', content: TEXT },
      { path: '/metrics/slis', file: 'slis.txt', content: TEXT },
    ]),
}
