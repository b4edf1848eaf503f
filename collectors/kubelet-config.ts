import type { Collector } from '../src/collector.ts'
import { askNode } from './ask-node.ts'

/** The configuration that a kubelet runs with, which no object of the cluster holds: eviction thresholds, limits, feature gates. */
export const kubeletConfig: Collector = {
  id: 'kubelet-config',
  title: 'Configuration of kubelets',
  volatility: 4,
  scope: 'node',
  reads: [{ group: '', resources: ['nodes/configz'], verbs: ['get'] }],
  collect: (context) =>
    askNode(context, kubeletConfig, [{ path: '/configz', file: 'configz.json', content: { type: 'json' } }]),
}
