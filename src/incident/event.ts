import { numberAt, textAt, timeAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import type { Ref } from './reference.ts'

/** An event, with what core/v1 and events.k8s.io say of time and count in one form. */
export interface KubeEvent {
  readonly object: KubeObject
  readonly about: Ref
  readonly aboutUid: string
  readonly type: string
  readonly reason: string
  readonly message: string
  /** How often it was seen; at least 1. */
  readonly count: number
  readonly first: number | undefined
  readonly last: number | undefined
  /** The component that reported it: `kubelet`, `default-scheduler`. */
  readonly component: string
  /** The node that it comes from, where a kubelet reported it. */
  readonly host: string
}

/** Leaves of an event's JSON what is cited of it: clusters have tens of thousands of them. */
export function slimEvent(event: KubeEvent): KubeEvent {
  const { message, note, reason, type, count } = event.object.json
  const json = { ...(note === undefined ? { message } : { note }), reason, type, count }
  return {
    ...event,
    object: { ...event.object, json, labels: {}, annotations: {}, owners: [], finalizers: [], writes: [] },
  }
}

/** Reads an event of either group; `about.container` is read from the field path. */
export function readEvent(object: KubeObject): KubeEvent {
  const { json } = object
  const regarding = json.involvedObject ?? json.regarding
  const namespace = textAt(regarding, 'namespace')
  const container = /\{([^}]+)\}/.exec(textAt(regarding, 'fieldPath'))?.[1]
  const times = [
    timeAt(json, 'firstTimestamp') ?? timeAt(json, 'deprecatedFirstTimestamp'),
    timeAt(json, 'eventTime'),
    timeAt(json, 'series', 'lastObservedTime'),
    timeAt(json, 'lastTimestamp') ?? timeAt(json, 'deprecatedLastTimestamp'),
  ].filter((at) => at !== undefined)
  const known = times.length > 0 ? times : object.created === undefined ? [] : [object.created]
  return {
    object,
    about: {
      kind: textAt(regarding, 'kind'),
      ...(namespace === '' || CLUSTER_SCOPED.has(textAt(regarding, 'kind')) ? {} : { namespace }),
      name: textAt(regarding, 'name'),
      ...(container === undefined ? {} : { container }),
    },
    aboutUid: textAt(regarding, 'uid'),
    type: textAt(json, 'type'),
    reason: textAt(json, 'reason'),
    message: textAt(json, 'message') || textAt(json, 'note'),
    count: Math.max(
      1,
      numberAt(json, 'count') ?? 0,
      numberAt(json, 'deprecatedCount') ?? 0,
      numberAt(json, 'series', 'count') ?? 0,
    ),
    first: known.length > 0 ? Math.min(...known) : undefined,
    last: known.length > 0 ? Math.max(...known) : undefined,
    component:
      textAt(json, 'source', 'component') ||
      textAt(json, 'reportingComponent') ||
      textAt(json, 'reportingController') ||
      textAt(json, 'deprecatedSource', 'component'),
    host:
      textAt(json, 'source', 'host') || textAt(json, 'deprecatedSource', 'host') || textAt(json, 'reportingInstance'),
  }
}

/** Events about these kinds carry a namespace now and then all the same. */
const CLUSTER_SCOPED = new Set([
  'Node',
  'PersistentVolume',
  'Namespace',
  'NodeClaim',
  'NodePool',
  'ClusterRole',
  'StorageClass',
])
