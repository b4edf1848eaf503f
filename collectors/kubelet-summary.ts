import type { Collector } from '../src/collector.ts'
import { askNode } from './ask-node.ts'

/** What the kubelet knows of CPU, memory, disks, inodes, processes, network and pressure, of its node, of every pod and container. */
export const kubeletSummary: Collector = {
  id: 'kubelet-summary',
  title: 'Usage of nodes and pods',
  volatility: 1,
  scope: 'node',
  sampled: true,
  reads: [{ group: '', resources: ['nodes/stats'], verbs: ['get'] }],
  collect: (context) =>
    askNode(context, kubeletSummary, [{ path: '/stats/summary', file: 'summary.json', content: { type: 'json' } }]),
}
