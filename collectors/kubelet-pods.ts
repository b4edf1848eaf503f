import type { Collector } from '../src/collector.ts'
import { askNode } from './ask-node.ts'

/** The pods that the kubelet runs, which need not be those that the API server knows: orphans, and pods that end and do not go. */
export const kubeletPods: Collector = {
  id: 'kubelet-pods',
  title: 'Pods as kubelets see them',
  volatility: 2,
  scope: 'node',
  reads: [{ group: '', resources: ['nodes/pods'], verbs: ['get'] }],
  collect: (context) =>
    askNode(context, kubeletPods, [
      { path: '/pods', file: 'pods.json', content: { type: 'copy', group: '', resource: 'pods' } },
      { path: '/runningpods/', file: 'runningpods.json', content: { type: 'copy', group: '', resource: 'pods' } },
    ]),
}
