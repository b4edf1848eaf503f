import type { Close, CollectContext, Collector, Evidence } from '../src/collector.ts'
import { inTurn, type Turn } from './in-turn.ts'
import { type Listed, listOne, listScope } from './list-resource.ts'

const CORE: Listed = { group: '', version: 'v1', resource: 'events', namespaced: true }
const GROUPED: Listed = { group: 'events.k8s.io', version: 'v1', resource: 'events', namespaced: true }

/** Events of nodes live in this namespace, whatever the nodes run (kubernetes/kubernetes, pkg/kubelet: the node reference has no namespace). */
const NODE_EVENTS_NAMESPACE = 'default'
const OF_NODES = 'involvedObject.kind=Node'

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
    { group: '', resources: ['events'], verbs: ['list'], alsoIn: NODE_EVENTS_NAMESPACE },
    { group: 'events.k8s.io', resources: ['events'], verbs: ['list'] },
  ],
  collect(context) {
    const namespaces = context.settings.namespaces
    const turns = (namespaces ?? [undefined]).map((namespace) => eventsOf(context, namespace))
    const hasNodes = namespaces === undefined || namespaces.includes(NODE_EVENTS_NAMESPACE)
    return inTurn(hasNodes ? turns : [...turns, nodeEvents(context)])
  },
}

function eventsOf(context: CollectContext, namespace: string | undefined): Turn {
  return { scope: listScope(CORE, namespace), collect: () => listEither(context, namespace) }
}

function nodeEvents(context: CollectContext): Turn {
  return {
    scope: listScope(CORE, NODE_EVENTS_NAMESPACE, OF_NODES),
    collect: () => listOne(context, CORE, NODE_EVENTS_NAMESPACE, OF_NODES),
  }
}

/** A denied list whose objects come another way is no loss: its line stands only where both are denied. */
async function* listEither(context: CollectContext, namespace: string | undefined): AsyncGenerator<Evidence | Close> {
  for await (const item of listOne(context, CORE, namespace)) {
    if (item.type === 'close' && item.status === 'denied') yield* listInstead(context, namespace, item)
    else yield item
  }
}

async function* listInstead(
  context: CollectContext,
  namespace: string | undefined,
  denied: Close,
): AsyncGenerator<Evidence | Close> {
  for await (const item of listOne(context, GROUPED, namespace)) {
    if (item.type === 'evidence') yield item
    else if (item.status === 'complete' || item.status === 'empty')
      yield { ...item, reason: `taken from events.k8s.io, because: ${denied.reason}` }
    else yield* [denied, item]
  }
}
