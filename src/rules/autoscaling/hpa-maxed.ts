import { cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { numberAt } from '../../incident/kubernetes.ts'
import { isFailing } from '../../incident/pod.ts'
import type { Finding, Rule } from '../rule.ts'
import { hasRestarted } from '../suffering.ts'
import { listScalers, type Scaler, scalerCondition } from './hpa-findings.ts'

/** An autoscaler that wants more replicas than it may have. */
export const hpaMaxed: Rule<'hpa-maxed'> = {
  id: 'hpa-maxed',
  title: 'An autoscaler is at its maximum',
  domain: 'autoscaling',
  needs: ['horizontalpodautoscalers.autoscaling'],
  helps: ['pods'],
  explains: ['not-scaling', 'slow', 'not-ready', 'crashing'],
  explain: {
    mechanism:
      'The metric asks for more pods than maxReplicas allows. The load is more than the pods can carry, or each of them carries less than it should, because what they need is slow or one takes it all.',
    proof: ['Condition ScalingLimited is True with TooManyReplicas, and currentReplicas equals maxReplicas.'],
    lookAlikes: [
      'insufficient-cpu-memory: the replicas are wanted, and have no node.',
      'http2-connection-pinning: one pod is hot, and more do not help.',
    ],
    mitigate: [
      {
        says: 'Raise the maximum, if nodes and what it calls can bear it.',
        command: 'kubectl patch hpa {name} -n {namespace} --type=merge -p \'{"spec":{"maxReplicas":20}}\'',
        changes: true,
      },
    ],
    fix: ['Load-test what one pod carries, and set the maximum above the highest load with room.'],
    links: ['https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/'],
  },
  *evaluate(incident) {
    for (const scaler of listScalers(incident)) {
      const limited = scalerCondition(scaler, 'ScalingLimited', 'True')
      if (limited?.reason === 'TooManyReplicas') yield describe(incident, scaler, limited)
    }
  },
}

function describe(
  incident: Incident,
  { object, target }: Scaler,
  limited: NonNullable<ReturnType<typeof scalerCondition>>,
): Finding {
  const pods = incident.workloadOf(target)?.pods.filter((pod) => isFailing(pod) || hasRestarted(incident, pod)) ?? []
  const most = numberAt(object.json, 'spec', 'maxReplicas')
  return {
    kind: pods.length > 0 ? 'mechanism' : 'risk',
    subject: object.ref,
    strength: 'strong',
    from: limited.since,
    says: `The autoscaler ${object.ref.name} wants more than the ${most} replicas that it may give ${target.name}${pods.length > 0 ? `, and ${pods.length} of its pods are not well` : ''}.`,
    cites: [cite(object, [...limited.path, 'reason']), cite(object, ['spec', 'maxReplicas'])],
    affects: [target, ...pods.map(({ ref }) => ref)],
  }
}
