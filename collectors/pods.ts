import type { Collector } from '../src/collector.ts'
import { listResource } from './list-resource.ts'

/** Every pod as the API server holds it: state, last state, conditions; from these the plan knows whose logs to read. */
export const pods: Collector = {
  id: 'pods',
  title: 'Pods',
  volatility: 1,
  scope: 'cluster',
  reads: [{ group: '', resources: ['pods'], verbs: ['list'] }],
  collect: (context) => listResource(context, { group: '', version: 'v1', resource: 'pods', namespaced: true }),
}
