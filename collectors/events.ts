import type { Close, CollectContext, Collector, Evidence } from '../src/collector.ts'
import { type Listed, listOne } from './list-resource.ts'

const CORE: Listed = { group: '', version: 'v1', resource: 'events', namespaced: true }
const GROUPED: Listed = { group: 'events.k8s.io', version: 'v1', resource: 'events', namespaced: true }

/** Events of nodes live in this namespace, whatever the nodes run (kubernetes/kubernetes, pkg/kubelet: the node reference has no namespace). */
const NODE_EVENTS_NAMESPACE = 'default'

/**
 * Events, kept by the server for an hour. core/v1 and events.k8s.io/v1 show the same objects: core is taken, and the other one only where
 * core is denied; the ledger's scope says which.
 */
export const events: Collector = {
  id: 'events',
  title: 'Events',
  volatility: 2,
  scope: 'cluster',
  reads: [
    { group: '', resources: ['events'], verbs: ['get', 'list'] },
    { group: 'events.k8s.io', resources: ['events'], verbs: ['get', 'list'] },
  ],
  async *collect(context) {
    const namespaces = context.settings.namespaces
    for (const namespace of namespaces ?? [undefined]) yield* listEither(context, namespace)
    if (namespaces && !namespaces.includes(NODE_EVENTS_NAMESPACE)) {
      yield* listOne(context, CORE, NODE_EVENTS_NAMESPACE, { fieldSelector: 'involvedObject.kind=Node' })
    }
  },
}

async function* listEither(context: CollectContext, namespace: string | undefined): AsyncGenerator<Evidence | Close> {
  for await (const item of listOne(context, CORE, namespace)) {
    yield item
    if (item.type === 'close' && item.status === 'denied') yield* listOne(context, GROUPED, namespace)
  }
}
