import { cite } from '../../incident/citation.ts'
import { conditionOf } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import type { Rule } from '../rule.ts'
import { countPods, type Seen, symptomExplanation, symptomsOf } from './symptom.ts'

/** Pods that no node takes. */
export const unscheduledPods: Rule<'unscheduled-pods'> = {
  id: 'unscheduled-pods',
  title: 'Pods are Pending without a node',
  domain: 'generic',
  needs: ['pods'],
  explains: [],
  explain: symptomExplanation(
    'The scheduler finds no node for a pod, or no scheduler looks at it.',
    'Phase Pending without spec.nodeName; condition PodScheduled False with the scheduler’s words.',
  ),
  *evaluate(incident) {
    yield* symptomsOf('unscheduled', listUnscheduled(incident), (workload, seen) => {
      return `${countPods(seen)} of ${workload.name} ${seen.length === 1 ? 'has' : 'have'} no node: ${seen[0]?.words}`
    })
  },
}

/** A new pod waits this long for a node that is just being started. */
const PATIENCE = 30 * 1000

function* listUnscheduled(incident: Incident): Generator<Seen> {
  const { pods, now } = incident
  for (const pod of pods) {
    if (pod.node !== '' || pod.phase !== 'Pending' || pod.deleted !== undefined) continue
    const scheduled = conditionOf(pod.conditions, 'PodScheduled')
    if (now - (pod.created ?? now) < PATIENCE || isHeldBack(incident, pod)) continue
    const words = scheduled?.message || 'no scheduler has looked at it.'
    const citation = scheduled ? cite(pod, [...scheduled.path, 'message']) : cite(pod, ['status', 'phase'])
    yield { pod, since: scheduled?.since ?? pod.created, words, citation }
  }
}

/** Who queues pods opens their gates within minutes, if they are to run now. */
const HELD = 10 * 60 * 1000

/** Whether somebody gated a pod on purpose, and nobody misses it: jobs may wait in a queue for hours, a workload that serves with no ready pod may not. */
function isHeldBack(incident: Incident, { workload, conditions, created }: Pod): boolean {
  if (conditionOf(conditions, 'PodScheduled')?.reason !== 'SchedulingGated') return false
  const isToServe = ['Deployment', 'StatefulSet', 'DaemonSet'].includes(workload.kind)
  const isServed = incident.workloadOf(workload)?.pods.some(({ ready }) => ready) ?? false
  return !isToServe || isServed || incident.now - (created ?? incident.now) < HELD
}
