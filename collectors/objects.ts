import type { ServedResource } from '../src/bundle/format.ts'
import type { Collector } from '../src/collector.ts'
import { listResource } from './list-resource.ts'

/** Resources that another collector lists, and the one that nobody ever does. */
const TAKEN_ELSEWHERE = new Set([
  '/pods',
  '/nodes',
  '/events',
  '/secrets',
  'events.k8s.io/events',
  'coordination.k8s.io/leases',
])

/** Served by an aggregated API that computes its answer; `control-plane` reads it as a measurement, not as objects. */
const METRICS_GROUP = 'metrics.k8s.io'

/** Every other listable resource that discovery names, custom ones included, each once; never Secrets. */
export const objects: Collector = {
  id: 'objects',
  title: 'All other objects',
  volatility: 4,
  scope: 'resource',
  reads: [{ everyListableResource: true }],
  takes: ({ group, resource }: ServedResource) =>
    group !== METRICS_GROUP && !TAKEN_ELSEWHERE.has(`${group}/${resource}`),
  async *collect(context) {
    if (context.target.kind === 'resource') yield* listResource(context, context.target.resource)
  },
}
