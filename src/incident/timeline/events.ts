import { cite } from '../citation.ts'
import type { KubeEvent } from '../event.ts'
import type { Incident } from '../incident.ts'
import type { Ref } from '../reference.ts'
import { byNodeClock, type TimelineEntry, WHOLE_SECOND } from './entry.ts'

/** When an event was first said, and when last where that was often. A kubelet's event has the time of its node. */
export function* datesOfEvents(incident: Incident, isMeant: (ref: Ref) => boolean): Generator<TimelineEntry> {
  for (const event of incident.events) {
    const { first, last, count, about } = event
    if (first === undefined || !isMeant(about)) continue
    const isOften = last !== undefined && last > first
    yield entry(incident, event, first, isOften ? `first of ${count}` : '')
    if (isOften) yield entry(incident, event, last, `last of ${count}`)
  }
}

function entry(incident: Incident, event: KubeEvent, at: number, which: string): TimelineEntry {
  const { object, about, reason, message, component, host } = event
  const isOfNode = host !== '' && /kubelet|kube-proxy|node-problem/.test(component)
  return {
    ...(isOfNode ? byNodeClock(incident, host, at) : { at, uncertainty: WHOLE_SECOND }),
    about,
    says: `${reason}${which === '' ? '' : ` (${which})`}: ${message.slice(0, 200)}`,
    source: 'event',
    cites: [cite(object, ['message' in object.json ? 'message' : 'note'])],
  }
}

/** What the watches saw; events that the list holds already are told there. */
export function* datesOfWatched(incident: Incident, isMeant: (ref: Ref) => boolean): Generator<TimelineEntry> {
  const listed = new Set(incident.events.map(({ object }) => object.uid))
  for (const { at, resource, about, uid, reason, says, citation } of incident.watched) {
    if (!isMeant(about) || (resource === 'events' && listed.has(uid))) continue
    yield {
      at,
      uncertainty: WHOLE_SECOND,
      about,
      says: reason === '' ? says : `${reason}: ${says.slice(0, 200)}`,
      source: 'watch',
      cites: [citation],
    }
  }
}
