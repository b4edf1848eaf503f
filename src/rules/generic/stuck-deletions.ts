import { cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { KubeObject } from '../../incident/object.ts'
import { keyOf, type Ref } from '../../incident/reference.ts'
import { count, earliest, latest } from '../../incident/telling.ts'
import type { Finding, Rule } from '../rule.ts'
import { symptomExplanation } from './symptom.ts'

/** Objects that were deleted and are still there. */
export const stuckDeletions: Rule<'stuck-deletions'> = {
  id: 'stuck-deletions',
  title: 'Deleted objects do not go away',
  domain: 'generic',
  needs: [],
  explains: [],
  explain: symptomExplanation(
    'An object carries a deletion timestamp that is over: a finalizer, a container or a node keeps it.',
    'metadata.deletionTimestamp more than a minute ago for a pod, 15 seconds where a finalizer keeps it, five minutes for anything else.',
  ),
  *evaluate(incident) {
    const stuck = incident.resources
      .flatMap((resource) => incident.objects(resource))
      .filter((object) => isStuck(incident, object))
    for (const [, objects] of Map.groupBy(stuck, (one) => groupOf(incident, one))) yield describe(incident, objects)
  },
}

function isStuck({ now }: Incident, { deleted, ref, finalizers }: KubeObject): boolean {
  if (deleted === undefined) return false
  if (ref.kind !== 'Pod') return now - deleted > 300_000
  return now - deleted > (finalizers.length > 0 ? 15_000 : 60_000)
}

function groupOf(incident: Incident, object: KubeObject): string {
  return keyOf(subjectOf(incident, object))
}

function subjectOf({ topOf }: Incident, { ref }: KubeObject): Ref {
  return ref.kind === 'Pod' ? topOf(ref) : ref
}

function describe(incident: Incident, objects: readonly KubeObject[]): Finding {
  const [first] = objects as [KubeObject, ...KubeObject[]]
  const kept = first.finalizers.length > 0 ? `, kept by ${first.finalizers.join(', ')}` : ''
  const minutes = Math.round(
    (incident.now - (earliest(objects.map(({ deleted }) => deleted)) ?? incident.now)) / 60_000,
  )
  return {
    kind: 'symptom',
    symptom: 'stuck-terminating',
    subject: subjectOf(incident, first),
    strength: 'proof',
    from: earliest(objects.map(({ deleted }) => deleted)),
    lastFrom: latest(objects.map(({ deleted }) => deleted)),
    says: `${count(objects.length, first.ref.kind)} (${first.ref.name}) should have been gone for ${count(minutes, 'minute')}${kept}.`,
    cites: [cite(first, ['metadata', 'deletionTimestamp'])],
    affects: objects.map(({ ref }) => ref),
  }
}
