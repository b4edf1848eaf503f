import { cite } from '../../incident/citation.ts'
import { type Condition, readConditions } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import type { KubeObject } from '../../incident/object.ts'
import type { Finding, Rule } from '../rule.ts'
import { symptomExplanation } from './symptom.ts'

/** Custom resources whose conditions say that they are not well. */
export const unhealthyConditions: Rule<'unhealthy-conditions'> = {
  id: 'unhealthy-conditions',
  title: 'A resource says that it is not well',
  domain: 'generic',
  needs: [],
  explains: [],
  explain: symptomExplanation(
    'Operators report in conditions whether what they look after is well.',
    'Ready, Available, Healthy, Synced, Reconciled or a like condition is False, or Degraded, Failed, Stalled or Error is True, of a custom resource.',
  ),
  *evaluate(incident) {
    for (const resource of incident.resources.filter(isCustom)) {
      for (const object of incident.objects(resource)) {
        const bad = readConditions(object.json).find(isBad)
        if (bad && object.deleted === undefined) yield describe(incident, object, bad)
      }
    }
  },
}

/** Groups of Kubernetes itself have rules of their own. */
function isCustom(resource: string): boolean {
  const group = resource.split('.').slice(1).join('.')
  return (
    group.includes('.') &&
    (!group.endsWith('.k8s.io') || ['gateway', 'cluster', 'snapshot'].some((one) => group.includes(one)))
  )
}

/** Types of conditions that controllers use, well when they are true. */
const GOOD: readonly string[] = [
  'Ready',
  'Available',
  'Healthy',
  'Synced',
  'Reconciled',
  'Established',
  'Accepted',
  'Programmed',
  'Issued',
  'Initialized',
  'Launched',
  'Registered',
]

/** Types that are well when they are false. */
const BAD: readonly string[] = ['Degraded', 'Failed', 'Stalled', 'Error', 'Failure', 'ReconcileError']

function isBad({ type, status }: Condition): boolean {
  return (status === 'False' && GOOD.includes(type)) || (status === 'True' && BAD.includes(type))
}

function describe(incident: Incident, object: KubeObject, bad: Condition): Finding {
  const { ref } = object
  return {
    kind: 'symptom',
    symptom: 'unhealthy-condition',
    subject: ref,
    strength: 'strong',
    from: bad.since,
    says: `${ref.kind} ${ref.name} says ${bad.type}=${bad.status} (${bad.reason}): ${bad.message.slice(0, 200)}`,
    cites: [cite(object, [...bad.path, bad.message === '' ? 'status' : 'message'])],
    affects: incident.pods
      .filter(
        ({ workload }) =>
          workload.kind === ref.kind && workload.name === ref.name && workload.namespace === ref.namespace,
      )
      .map((pod) => pod.ref),
  }
}
