import type { Close, CollectContext, Collector, Evidence } from '../src/collector.ts'
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
    { group: METRICS_GROUP, resources: ['nodes', 'pods'], verbs: ['list'] },
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
    yield* askPath(context, { path: '/metrics', file: 'apiserver/metrics.txt', ...text })
    yield* listUsage(context)
  },
}

/** Discovery tells whether usage is served; a metrics server that is dead, as it often is in an incident, is not the same as none. */
async function* listUsage(context: CollectContext): AsyncGenerator<Evidence | Close> {
  const { resources, stale } = await context.discovery
  const served = resources.filter((one) => one.group === METRICS_GROUP)
  for (const resource of served) yield* listResource(context, resource)
  if (served.length > 0) return
  const dead = stale.find(({ groupVersion }) => groupVersion.startsWith(`${METRICS_GROUP}/`))
  const status = dead ? 'failed' : 'unsupported'
  const reason = dead?.reason ?? `${METRICS_GROUP} is not served`
  yield { type: 'close', scope: { resource: METRICS_GROUP }, status, reason }
}
