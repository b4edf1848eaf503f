import { at, isSet, type KubeObject, number, text } from './access.ts'
import { age, instant } from './age.ts'
import { column, nameOf, wide } from './column.ts'
import { type Tables, table, wordsOf } from './table.ts'

const columns = [
  column('Last Seen', 'string', describeLast),
  column('Type', 'string', (event) => text(event, 'type')),
  column('Reason', 'string', (event) => text(event, 'reason')),
  column('Object', 'string', describeObject),
  wide('Subobject', 'string', (event) => text(aboutOf(event), 'fieldPath')),
  wide('Source', 'string', describeSource),
  column('Message', 'string', (event) => (text(event, 'message') || text(event, 'note')).trim()),
  wide('First Seen', 'string', describeFirst),
  wide('Count', 'string', countOf),
  wide('Name', 'string', nameOf, 'name'),
]

const printed = table(columns, wordsOf('events'))

/** Events, the same from both of their groups. */
export const events: Tables = { events: printed, 'events.events.k8s.io': printed }

/** The core group says `involvedObject`, events.k8s.io `regarding`. */
function aboutOf(event: KubeObject): unknown {
  return at(event, 'involvedObject') ?? at(event, 'regarding')
}

function describeObject(event: KubeObject): string {
  const about = aboutOf(event)
  const kind = text(about, 'kind').toLowerCase()
  return text(about, 'name') === '' ? kind : `${kind}/${text(about, 'name')}`
}

function describeFirst(event: KubeObject, now: Date): string {
  const first = at(event, 'firstTimestamp') ?? at(event, 'deprecatedFirstTimestamp')
  return age(instant(first) === undefined ? at(event, 'eventTime') : first, now)
}

function describeLast(event: KubeObject, now: Date): string {
  if (isSet(event, 'series')) return age(at(event, 'series', 'lastObservedTime'), now)
  const last = at(event, 'lastTimestamp') ?? at(event, 'deprecatedLastTimestamp')
  return instant(last) === undefined ? describeFirst(event, now) : age(last, now)
}

/** New events have a count only in a series. */
function countOf(event: KubeObject): number {
  if (isSet(event, 'series')) return number(event, 'series', 'count')
  return number(event, 'count') || number(event, 'deprecatedCount') || 1
}

function describeSource(event: KubeObject): string {
  const source = at(event, 'source') ?? at(event, 'deprecatedSource')
  const controller = text(event, 'reportingComponent') || text(event, 'reportingController')
  const component = text(source, 'component') || controller
  const instance = text(source, 'host') || text(event, 'reportingInstance')
  return instance === '' ? component : `${component}, ${instance}`
}
