import { cite } from '../../incident/citation.ts'
import type { KubeEvent } from '../../incident/event.ts'
import type { Incident } from '../../incident/incident.ts'
import { textAt } from '../../incident/kubernetes.ts'
import { RECENT } from '../../incident/lately.ts'
import type { Pod } from '../../incident/pod.ts'
import { isPodless, type Podless } from '../../incident/podless.ts'
import { keyOf, type Ref } from '../../incident/reference.ts'
import { count, earliest, latest } from '../../incident/telling.ts'
import type { Finding, Rule } from '../rule.ts'
import { symptomExplanation } from './symptom.ts'

/** Pods that their owner wants and cannot create: there is no pod to look at, only its owner's words. */
export const uncreatedPods: Rule<'uncreated-pods'> = {
  id: 'uncreated-pods',
  title: 'Pods cannot be created',
  domain: 'generic',
  needs: ['events'],
  explains: [],
  explain: symptomExplanation(
    'A controller asks for pods, and the API server refuses: admission, quota, policy, an account that is not there.',
    'Events FailedCreate on the ReplicaSet, StatefulSet, DaemonSet or Job within the last hour; or a workload that wants pods, has none by its own status, and nobody says why.',
  ),
  *evaluate(incident) {
    const refused = incident
      .eventsOf('FailedCreate')
      .filter(({ last, about }) => (last ?? 0) >= incident.start - RECENT && !isDone(incident, about))
    const groups = Map.groupBy(refused, ({ about }) => keyOf(incident.topOf(about)))
    for (const [, events] of groups) {
      const owner = incident.topOf((events[0] as KubeEvent).about)
      if (lacksPods(incident, owner) || events.some(({ about }) => lacksOwn(incident, about)))
        yield describe(owner, events)
    }
    const told = new Set(groups.keys())
    for (const workload of incident.workloads)
      if (!told.has(keyOf(workload.ref)) && isPodless(incident, workload)) yield describeSilent(workload)
  },
}

/** A rollout whose new pods are refused keeps the old ones: what counts is the generation that asked. */
function lacksOwn({ workloadOf, topOf }: Incident, about: Ref): boolean {
  const known = workloadOf(topOf(about))
  const set = known?.replicaSets.find(({ object }) => keyOf(object.ref) === keyOf(about))
  const own = known?.pods.filter(({ ownerRef }) => ownerRef !== undefined && keyOf(ownerRef) === keyOf(about)) ?? []
  return set !== undefined && own.filter(isThere).length < set.desired
}

function isThere({ deleted, phase }: Pod): boolean {
  return deleted === undefined && phase !== 'Failed'
}

/** A Job that came to an end needs no pods any more. */
function isDone({ find }: Incident, { kind, namespace, name }: Ref): boolean {
  const job = kind === 'Job' ? find(kind, namespace, name)?.json : undefined
  return textAt(job, 'status', 'completionTime') !== ''
}

/** A workload that has all its pods got them in the end. */
function lacksPods({ workloadOf }: Incident, owner: Ref): boolean {
  const known = workloadOf(owner)
  if (!known || known.desired === undefined) return true
  return known.pods.filter(isThere).length < known.desired
}

function describe(owner: Ref, events: readonly KubeEvent[]): Finding {
  const last = events.at(-1) as KubeEvent
  const times = events.reduce((sum, event) => sum + event.count, 0)
  return {
    kind: 'symptom',
    symptom: 'not-created',
    subject: owner,
    strength: 'proof',
    from: earliest(events.map(({ first }) => first)),
    lastFrom: latest(events.map(({ first }) => first)),
    says: `Pods of ${owner.name} could not be created (${count(times, 'refusal')}): ${last.message.slice(0, 300)}`,
    cites: [cite(last.object, ['message'])],
  }
}

/** Events are gone after an hour, and a StatefulSet or DaemonSet has no condition that tells. */
function describeSilent({ ref, object, desired = 0 }: Podless): Finding {
  return {
    kind: 'symptom',
    symptom: 'not-created',
    subject: ref,
    strength: 'proof',
    from: undefined,
    says: `${ref.name} wants ${count(desired, 'pod')} and has none; no event says why.`,
    cites: [cite(object, ['status'])],
  }
}
