import { cite } from '../../incident/citation.ts'
import { conditionOf } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { startsUp } from '../../incident/starts-up.ts'
import type { Rule } from '../rule.ts'
import { countPods, type Seen, symptomExplanation, symptomsOf } from './symptom.ts'

/** Pods whose containers run and that are not ready: they get no traffic. */
export const unreadyPods: Rule<'unready-pods'> = {
  id: 'unready-pods',
  title: 'Pods run and are not ready',
  domain: 'generic',
  needs: ['pods'],
  explains: [],
  explain: symptomExplanation(
    'All containers run, and the pod is not Ready for longer than a minute: a readiness probe fails, a readiness gate is not met, or its node is silent.',
    'Condition Ready is False, and no container waits.',
  ),
  *evaluate(incident) {
    yield* symptomsOf('not-ready', listUnready(incident), (workload, seen) => {
      return `${countPods(seen)} of ${workload.name} ${seen.length === 1 ? 'runs and is' : 'run and are'} not ready: ${seen[0]?.words}.`
    })
  },
}

/** A pod that starts is not ready for a while. */
const PATIENCE = 60 * 1000

function* listUnready(incident: Incident): Generator<Seen> {
  for (const pod of incident.pods) {
    const unready = conditionOf(pod.conditions, 'Ready')
    if (!unready || unready.status === 'True' || !isMeantToServe(pod)) continue
    if (incident.now - (unready.since ?? incident.now) < PATIENCE || startsUp(incident, pod)) continue
    const words = unready.message || unready.reason || 'its Ready condition is False'
    yield {
      pod,
      since: unready.since,
      words,
      citation: cite(pod, [...unready.path, unready.message ? 'message' : 'status']),
    }
  }
}

function isMeantToServe(pod: Pod): boolean {
  const isWaiting = pod.containers.some(({ state }) => state.kind === 'waiting' || state.kind === 'unreported')
  return (
    pod.deleted === undefined &&
    pod.phase === 'Running' &&
    !isWaiting &&
    conditionOf(pod.conditions, 'Ready')?.reason !== 'PodCompleted'
  )
}
