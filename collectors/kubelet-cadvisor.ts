import type { Collector } from '../src/collector.ts'
import { askNode } from './ask-node.ts'

/** cAdvisor's series of every container: throttling, memory events, pressure, network and disk counters. */
export const kubeletCadvisor: Collector = {
  id: 'kubelet-cadvisor',
  title: 'Counters of containers',
  volatility: 1,
  scope: 'node',
  sampled: true,
  reads: [{ group: '', resources: ['nodes/metrics'], verbs: ['get'] }],
  collect: (context) =>
    askNode(context, kubeletCadvisor, [{ path: '/metrics/cadvisor', file: 'metrics.txt', content: { type: 'text' } }]),
}
