import { cite } from '../../incident/citation.ts'
import { conditionOf } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import { tellSpan } from '../../incident/telling.ts'
import { type Undone, undoneOf } from '../../incident/undone.ts'
import type { Workload } from '../../incident/workload.ts'
import type { Finding, Rule } from '../rule.ts'
import { symptomExplanation } from './symptom.ts'

/** Deployments that do not get on with their rollout. */
export const stalledRollouts: Rule<'stalled-rollouts'> = {
  id: 'stalled-rollouts',
  title: 'A rollout does not get on',
  domain: 'generic',
  needs: ['deployments.apps'],
  explains: [],
  explain: symptomExplanation(
    'A Deployment has not made progress for as long as it is given (`progressDeadlineSeconds`, ten minutes by default), or cannot create its pods; or no controller has looked at what was asked of a workload.',
    'Condition Progressing False with ProgressDeadlineExceeded, or ReplicaFailure True; status.observedGeneration behind metadata.generation for minutes.',
  ),
  *evaluate(incident) {
    for (const workload of incident.workloads) {
      const unseen = workload.object && undoneOf(incident, workload.object)
      const stalled = describe(workload) ?? (unseen && describeUnseen(incident, workload, unseen))
      if (stalled) yield stalled
    }
  },
}

function describe({ ref, object, conditions, pods }: Workload): Finding | undefined {
  const progressing = conditionOf(conditions, 'Progressing')
  const failure = conditionOf(conditions, 'ReplicaFailure')
  const bad = progressing?.status === 'False' ? progressing : failure?.status === 'True' ? failure : undefined
  if (!object || !bad) return undefined
  return {
    kind: 'symptom',
    symptom: 'rollout-stalled',
    subject: ref,
    strength: 'proof',
    from: bad.since,
    says: `The rollout of ${ref.name} does not get on: ${bad.message || bad.reason}`,
    cites: [cite(object, [...bad.path, bad.message === '' ? 'reason' : 'message'])],
    affects: pods.filter(({ ready, phase }) => !ready && phase !== 'Succeeded').map((pod) => pod.ref),
  }
}

function describeUnseen({ start }: Incident, { ref, pods }: Workload, { at, cites }: Undone): Finding {
  return {
    kind: 'symptom',
    symptom: 'rollout-stalled',
    subject: ref,
    strength: 'proof',
    from: at,
    says: `What was asked of ${ref.kind} ${ref.name} ${tellSpan(start - at)} before the capture has been seen by no controller.`,
    cites,
    affects: pods.filter(({ ready, phase }) => !ready && phase !== 'Succeeded').map((pod) => pod.ref),
  }
}
