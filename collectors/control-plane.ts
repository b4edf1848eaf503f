import type { Collector } from '../src/collector.ts'
import { askPath } from './ask-path.ts'
import { listResource } from './list-resource.ts'

/** Priority and fairness: who is queued right now, in this one API server (kubernetes/apiserver, pkg/util/flowcontrol/controller_debug.go). */
const FLOW_CONTROL = ['dump_priority_levels', 'dump_queues', 'dump_requests']

const METRICS_GROUP = 'metrics.k8s.io'

/** Health, metrics and flow control of the API server, and the current usage that metrics.k8s.io answers where it is served. */
export const controlPlane: Collector = {
  id: 'control-plane',
  title: 'API server health and metrics',
  volatility: 3,
  scope: 'cluster',
  reads: [
    {
      nonResourceURLs: [
        '/readyz',
        '/livez',
        '/metrics',
        ...FLOW_CONTROL.map((name) => `/debug/api_priority_and_fairness/${name}`),
      ],
    },
    { group: METRICS_GROUP, resources: ['nodes', 'pods'], verbs: ['get', 'list'] },
  ],
  async *collect(context) {
    const text = { content: { type: 'text' } } as const
    for (const probe of ['readyz', 'livez']) {
      yield* askPath(context, { path: `/${probe}?verbose`, file: `apiserver/${probe}.txt`, ...text, anyStatus: true })
    }
    for (const name of FLOW_CONTROL) {
      const path = `/debug/api_priority_and_fairness/${name}`
      yield* askPath(context, { path, file: `apiserver/flow-control/${name}.txt`, ...text })
    }
    const { resources } = await context.discovery
    for (const resource of resources.filter((one) => one.group === METRICS_GROUP))
      yield* listResource(context, resource)
    yield* askPath(context, { path: '/metrics', file: 'apiserver/metrics.txt', ...text })
  },
}
