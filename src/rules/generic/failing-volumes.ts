import { cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { textAt } from '../../incident/kubernetes.ts'
import type { KubeObject } from '../../incident/object.ts'
import type { Finding, Rule } from '../rule.ts'
import { symptomExplanation } from './symptom.ts'

/** Claims that have no volume. */
export const failingVolumes: Rule<'failing-volumes'> = {
  id: 'failing-volumes',
  title: 'Claims have no volume',
  domain: 'generic',
  needs: ['persistentvolumeclaims'],
  explains: [],
  explain: symptomExplanation(
    'A claim is not bound to a volume, or has lost it, and a pod that names it cannot start.',
    'Phase Pending for more than two minutes or with a Warning, while a pod uses it, or phase Lost.',
  ),
  *evaluate(incident) {
    for (const claim of incident.objects('persistentvolumeclaims'))
      if (isFailing(incident, claim)) yield describe(incident, claim)
  },
}

function isFailing(incident: Incident, { json, ref, created, deleted }: KubeObject): boolean {
  const phase = textAt(json, 'status', 'phase')
  if (phase === 'Lost') return true
  const isOld =
    incident.now - (created ?? incident.now) > 120_000 ||
    incident.eventsAbout(ref).some(({ type }) => type === 'Warning')
  return (
    phase === 'Pending' &&
    isOld &&
    deleted === undefined &&
    incident.usersOf('PersistentVolumeClaim', ref.namespace, ref.name).length > 0
  )
}

function describe(incident: Incident, claim: KubeObject): Finding {
  const users = incident.usersOf('PersistentVolumeClaim', claim.ref.namespace, claim.ref.name)
  const warning = incident.eventsAbout(claim.ref).findLast(({ type }) => type === 'Warning')
  return {
    kind: 'symptom',
    symptom: 'volume-failing',
    subject: claim.ref,
    strength: 'proof',
    // A claim that has lost its volume had one.
    from: textAt(claim.json, 'status', 'phase') === 'Lost' ? undefined : claim.created,
    says: `The claim ${claim.ref.name} is ${textAt(claim.json, 'status', 'phase')}${warning ? `: ${warning.message.slice(0, 200)}` : ''}.`,
    cites: [cite(claim, ['status', 'phase']), ...(warning ? [cite(warning.object, ['message'])] : [])],
    affects: users.map(({ ref }) => ref),
  }
}
