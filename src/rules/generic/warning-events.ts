import { cite } from '../../incident/citation.ts'
import type { KubeEvent } from '../../incident/event.ts'
import type { Incident } from '../../incident/incident.ts'
import { keyOf } from '../../incident/reference.ts'
import { count, earliest, latest } from '../../incident/telling.ts'
import { FRESH } from '../recency.ts'
import type { Finding, Rule } from '../rule.ts'
import { symptomExplanation } from './symptom.ts'

/** Warnings about something, whatever they say: the least of all symptoms, and the net under the others. */
export const warningEvents: Rule<'warning-events'> = {
  id: 'warning-events',
  title: 'Components warn',
  domain: 'generic',
  needs: ['events'],
  explains: [],
  explain: symptomExplanation(
    'A component reported a Warning in the last minutes. Healthy clusters have some.',
    'Events of type Warning, last seen less than 15 minutes before the capture.',
  ),
  *evaluate(incident) {
    const late = incident.events.filter(
      ({ type, last, reason }) => type === 'Warning' && (last ?? 0) >= incident.start - FRESH && !NOTICES.has(reason),
    )
    const groups = Map.groupBy(late, ({ about, reason }) => `${keyOf(incident.topOf(about))} ${reason}`)
    for (const [, events] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) yield describe(incident, events)
  },
}

/** What a kubelet says at each of its starts, whatever its node is like (kubelet.go: cgroup v1, image_gc_manager.go before the first statistics). */
const NOTICES = new Set(['CgroupV1', 'InvalidDiskCapacity'])

function describe(incident: Incident, events: readonly KubeEvent[]): Finding {
  const last = events.at(-1) as KubeEvent
  const times = events.reduce((sum, event) => sum + event.count, 0)
  const subject = incident.topOf(last.about)
  return {
    kind: 'symptom',
    symptom: 'warnings',
    subject,
    strength: 'weak',
    from: earliest(events.map(({ first }) => first)),
    lastFrom: latest(events.map(({ first }) => first)),
    says: `${last.reason} about ${subject.kind} ${subject.name}, ${count(times, 'time')}: ${last.message.slice(0, 200)}`,
    cites: [cite(last.object, ['message' in last.object.json ? 'message' : 'note'])],
    affects: events.map(({ about }) => about),
  }
}
