/** The versions in which events are served: of core, and of events.k8s.io. */
export type EventVersion = 'v1' | 'events.k8s.io/v1'

/** Shows an event of the other group as this one does: as the API server would (kubernetes, pkg/apis/events/v1/conversion.go). */
export function convertEvent(event: unknown, to: EventVersion): KubeEvent {
  return typeof event === 'object' && event !== null ? convert(event as KubeEvent, to) : {}
}

type KubeEvent = Readonly<Record<string, unknown>>

/** A field as it is called here and in the other group, and what is printed where it is not set; without that it is left out. */
type Field = readonly [name: string, other: string, unset?: unknown]

/** In the order in which the API server prints them: that of k8s.io/api/core/v1, type Event. */
const CORE_FIELDS: readonly Field[] = [
  ['kind', 'kind'],
  ['apiVersion', 'apiVersion'],
  ['metadata', 'metadata', {}],
  ['involvedObject', 'regarding', {}],
  ['reason', 'reason'],
  ['message', 'note'],
  ['source', 'deprecatedSource', {}],
  ['firstTimestamp', 'deprecatedFirstTimestamp', null],
  ['lastTimestamp', 'deprecatedLastTimestamp', null],
  ['count', 'deprecatedCount'],
  ['type', 'type'],
  ['eventTime', 'eventTime', null],
  ['series', 'series'],
  ['action', 'action'],
  ['related', 'related'],
  ['reportingComponent', 'reportingController', ''],
  ['reportingInstance', 'reportingInstance', ''],
]

/** The same of k8s.io/api/events/v1. */
const EVENTS_FIELDS: readonly Field[] = [
  ['kind', 'kind'],
  ['apiVersion', 'apiVersion'],
  ['metadata', 'metadata', {}],
  ['eventTime', 'eventTime', null],
  ['series', 'series'],
  ['reportingController', 'reportingComponent'],
  ['reportingInstance', 'reportingInstance'],
  ['action', 'action'],
  ['reason', 'reason'],
  ['regarding', 'involvedObject', {}],
  ['related', 'related'],
  ['note', 'message'],
  ['type', 'type'],
  ['deprecatedSource', 'source', {}],
  ['deprecatedFirstTimestamp', 'firstTimestamp', null],
  ['deprecatedLastTimestamp', 'lastTimestamp', null],
  ['deprecatedCount', 'count'],
]

/** Items of a list have no apiVersion and get none. What neither group knows stays, after what they know. */
function convert(event: KubeEvent, to: EventVersion): KubeEvent {
  const fields = to === 'v1' ? CORE_FIELDS : EVENTS_FIELDS
  const known = fields.flatMap(([name, other, unset]): [string, unknown][] => {
    const value = name === 'apiVersion' && isSet(event.apiVersion) ? to : event[other]
    if (isSet(value)) return [[name, name === 'series' ? convertSeries(value, to) : value]]
    return unset === undefined ? [] : [[name, unset]]
  })
  const taken = new Set(fields.flatMap((field) => field.slice(0, 2)))
  const unknown = Object.entries(event).filter(([name]) => !taken.has(name))
  return Object.fromEntries([...known, ...unknown])
}

/** The zero values of Go are no values: the server prints them as if they were not there. */
function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && value !== 0
}

/** Only events.k8s.io prints a count of nothing. */
function convertSeries(series: unknown, to: EventVersion): unknown {
  if (typeof series !== 'object' || Array.isArray(series)) return series
  const { count, lastObservedTime = null, ...unknown } = series as KubeEvent
  const isCounted = isSet(count) || to !== 'v1'
  return { ...(isCounted ? { count: count ?? 0 } : {}), lastObservedTime, ...unknown }
}
