import type { Collector } from '../src/collector.ts'
import { listResource } from './list-resource.ts'

/** Every node: conditions, taints, capacity, versions. The object dies with the instance. */
export const nodes: Collector = {
  id: 'nodes',
  title: 'Nodes',
  volatility: 1,
  scope: 'cluster',
  reads: [{ group: '', resources: ['nodes'], verbs: ['list'] }],
  collect: (context) => listResource(context, { group: '', version: 'v1', resource: 'nodes', namespaced: false }),
}
