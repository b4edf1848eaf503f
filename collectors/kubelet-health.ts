import type { Collector } from '../src/collector.ts'
import { askNode } from './ask-node.ts'

const HEALTH = { content: { type: 'text' }, anyStatus: true } as const

/** Whether a kubelet says that it is well, and that its sync loop turns. */
export const kubeletHealth: Collector = {
  id: 'kubelet-health',
  title: 'Health of kubelets',
  volatility: 1,
  scope: 'node',
  reads: [{ group: '', resources: ['nodes/healthz'], verbs: ['get'] }],
  collect: (context) =>
    askNode(context, kubeletHealth, [
      { path: '/healthz', file: 'healthz.txt', ...HEALTH },
      { path: '/healthz/syncloop', file: 'syncloop.txt', ...HEALTH },
    ]),
}
