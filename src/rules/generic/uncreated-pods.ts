import { cite } from '../../incident/citation.ts'
import { conditionOf } from '../../incident/condition.ts'
import type { KubeEvent } from '../../incident/event.ts'
import type { Incident } from '../../incident/incident.ts'
import { textAt } from '../../incident/kubernetes.ts'
import { findLacking, type Lacking } from '../../incident/lacking-pods.ts'
import { RECENT } from '../../incident/lately.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf, type Ref } from '../../incident/reference.ts'
import { count, earliest, latest, tellSpan } from '../../incident/telling.ts'
import { findUndone, type Undone } from '../../incident/undone.ts'
import type { Workload } from '../../incident/workload.ts'
import type { Finding, Rule } from '../rule.ts'
import { symptomExplanation } from './symptom.ts'

/** Pods that their owner wants and cannot create: there is no pod to look at, only its owner's words. */
export const uncreatedPods: Rule<'uncreated-pods'> = {
  id: 'uncreated-pods',
  title: 'Pods cannot be created',
  domain: 'generic',
  needs: [],
  helps: ['events', 'deployments.apps', 'replicasets.apps', 'pods'],
  explains: [],
  explain: symptomExplanation(
    'A controller asks for pods, and the API server refuses: admission, quota, policy, an account that is not there.',
    'Events FailedCreate on the ReplicaSet, StatefulSet, DaemonSet or Job within the last hour; the condition ReplicaFailure of a Deployment, which stays; or a workload that wants more pods than there are, by its own status too, and nobody says why; a Job that no controller has begun for minutes.',
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
    for (const workload of incident.workloads) {
      const failure = told.has(keyOf(workload.ref)) ? undefined : failureOf(workload)
      if (!failure) continue
      told.add(keyOf(workload.ref))
      yield failure
    }
    for (const lacking of findLacking(incident)) if (!told.has(keyOf(lacking.workload))) yield describeSilent(lacking)
    const unbegun = findUndone(incident).filter(({ what }) => what === 'job')
    for (const [, jobs] of Map.groupBy(unbegun, ({ object }) => keyOf(incident.topOf(object.ref))))
      yield describeUnbegun(incident, jobs)
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

/** The condition of a Deployment holds the words of the last refusal when events are gone; its controller takes it away with the failure. */
function failureOf({ ref, object, conditions }: Workload): Finding | undefined {
  const failure = conditionOf(conditions, 'ReplicaFailure')
  if (!object || failure?.status !== 'True' || failure.reason !== 'FailedCreate' || failure.message === '')
    return undefined
  return {
    kind: 'symptom',
    symptom: 'not-created',
    subject: ref,
    strength: 'proof',
    from: failure.since,
    says: `Pods of ${ref.name} could not be created: ${failure.message.slice(0, 300)}`,
    cites: [cite(object, [...failure.path, 'message'])],
  }
}

/** Events are gone after an hour, and a StatefulSet or DaemonSet has no condition that tells. */
function describeSilent({ workload, object, desired, alive }: Lacking): Finding {
  return {
    kind: 'symptom',
    symptom: 'not-created',
    subject: workload,
    strength: 'proof',
    from: undefined,
    says: `${workload.name} wants ${count(desired, 'pod')} and has ${alive === 0 ? 'none' : `only ${alive}`}; no event says why.`,
    cites: [cite(object, ['status'])],
  }
}

/** There is no pod, no condition and no event of such a Job. */
function describeUnbegun(incident: Incident, jobs: readonly Undone[]): Finding {
  const [{ object, at, cites }] = jobs as readonly [Undone, ...Undone[]]
  return {
    kind: 'symptom',
    symptom: 'not-created',
    subject: incident.topOf(object.ref),
    strength: 'proof',
    from: earliest(jobs.map((job) => job.at)),
    says: `The Job ${object.ref.name} has no pod ${tellSpan(incident.start - at)} after it was made, and no controller has begun it.`,
    cites,
    affects: jobs.map((job) => job.object.ref),
  }
}
