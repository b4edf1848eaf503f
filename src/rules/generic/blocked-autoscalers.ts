import { cite } from '../../incident/citation.ts'
import { type Condition, conditionOf, readConditions } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import { textAt } from '../../incident/kubernetes.ts'
import type { KubeObject } from '../../incident/object.ts'
import type { Ref } from '../../incident/reference.ts'
import { isStrained, strainOf } from '../overload.ts'
import type { Finding, Rule } from '../rule.ts'
import { symptomExplanation } from './symptom.ts'

/** HorizontalPodAutoscalers that cannot do their work. */
export const blockedAutoscalers: Rule<'blocked-autoscalers'> = {
  id: 'blocked-autoscalers',
  title: 'An autoscaler cannot scale',
  domain: 'generic',
  needs: ['horizontalpodautoscalers.autoscaling'],
  explains: [],
  explain: symptomExplanation(
    'A HorizontalPodAutoscaler has no metrics, cannot find or change its target, or stands at its maximum while its workload suffers.',
    'Condition ScalingActive or AbleToScale False, or ScalingLimited True with TooManyReplicas.',
  ),
  *evaluate(incident) {
    for (const scaler of incident.objects('horizontalpodautoscalers.autoscaling')) {
      const bad = findBlock(readConditions(scaler.json))
      if (bad && !isOnlyBusy(incident, scaler, bad)) yield describe(scaler, bad)
    }
  },
}

function findBlock(conditions: readonly Condition[]): Condition | undefined {
  const limited = conditionOf(conditions, 'ScalingLimited')
  const active = conditionOf(conditions, 'ScalingActive')
  const able = conditionOf(conditions, 'AbleToScale')
  // A target that is scaled to zero switches its autoscaler off on purpose.
  if (active?.reason === 'ScalingDisabled') return undefined
  if (active?.status === 'False') return active
  if (able?.status === 'False') return able
  return limited?.status === 'True' && limited.reason === 'TooManyReplicas' ? limited : undefined
}

/** At its maximum, with a workload that nothing is seen to fail of. */
function isOnlyBusy(incident: Incident, scaler: KubeObject, { reason }: Condition): boolean {
  return reason === 'TooManyReplicas' && !isStrained(strainOf(incident, scaler, targetOf(scaler)))
}

function targetOf({ ref: { namespace }, json }: KubeObject): Ref {
  return {
    kind: textAt(json, 'spec', 'scaleTargetRef', 'kind'),
    ...(namespace === undefined ? {} : { namespace }),
    name: textAt(json, 'spec', 'scaleTargetRef', 'name'),
  }
}

function describe(scaler: KubeObject, bad: Condition): Finding {
  return {
    kind: 'symptom',
    symptom: 'not-scaling',
    subject: scaler.ref,
    strength: 'proof',
    from: bad.since,
    says: `The autoscaler ${scaler.ref.name} cannot scale (${bad.reason}): ${bad.message.slice(0, 200)}`,
    cites: [cite(scaler, [...bad.path, 'message'])],
    affects: [targetOf(scaler)],
  }
}
