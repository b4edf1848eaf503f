import { cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { listAt, numberAt, recordAt, textAt } from '../../incident/kubernetes.ts'
import type { KubeObject } from '../../incident/object.ts'
import { isFailing } from '../../incident/pod.ts'
import { parseQuantity } from '../../incident/quantity.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
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
      if (limited?.reason !== 'TooManyReplicas') continue
      if (waitsForNodes(incident, scaler))
        yield reject(scaler.object.ref, 'It has given its target all replicas, and some have no node.')
      else yield describe(incident, scaler, limited)
    }
  },
}

function waitsForNodes(incident: Incident, { target }: Scaler): boolean {
  return incident.workloadOf(target)?.pods.some(({ node, phase }) => node === '' && phase === 'Pending') === true
}

/** The controller does nothing about a metric within a tenth of its target (--horizontal-pod-autoscaler-tolerance). */
const TOLERANCE = 1.1

/** How far the metric that is furthest above its target is from it; undefined where none is told. */
function overloadOf({ json }: KubeObject): number | undefined {
  const ratios = listAt(json, 'spec', 'metrics').flatMap((metric, index) => {
    const type = TYPES[textAt(metric, 'type')] ?? ''
    const [wanted, current] = [
      recordAt(metric, type, 'target'),
      recordAt(json, 'status', 'currentMetrics', index, type, 'current'),
    ]
    return ['averageUtilization', 'averageValue', 'value'].flatMap((field) => {
      const [target, now] = [parseQuantity(wanted[field]), parseQuantity(current[field])]
      return target !== undefined && now !== undefined && target > 0 ? [now / target] : []
    })
  })
  return ratios.length > 0 ? Math.max(...ratios) : undefined
}

/** Where a metric of each type stands. */
const TYPES: Readonly<Record<string, string>> = {
  Resource: 'resource',
  ContainerResource: 'containerResource',
  Pods: 'pods',
  Object: 'object',
  External: 'external',
}

/** With pods that suffer it is a part of what happens; with load above the target, all that is seen of it; else it only may come. */
function kindOf(sick: number, overload: number | undefined): Finding['kind'] {
  if (sick > 0) return 'mechanism'
  return (overload ?? 0) > TOLERANCE ? 'cause' : 'risk'
}

function describe(
  incident: Incident,
  { object, target }: Scaler,
  limited: NonNullable<ReturnType<typeof scalerCondition>>,
): Finding {
  const pods = incident.workloadOf(target)?.pods.filter((pod) => isFailing(pod) || hasRestarted(incident, pod)) ?? []
  const overload = overloadOf(object)
  const most = numberAt(object.json, 'spec', 'maxReplicas')
  return {
    kind: kindOf(pods.length, overload),
    subject: object.ref,
    strength: pods.length > 0 ? 'strong' : 'weak',
    from: limited.since,
    says: `The autoscaler ${object.ref.name} wants more than the ${most} replicas that it may give ${target.name}${pods.length > 0 ? `, and ${pods.length} of its pods are not well` : ''}${overload !== undefined && overload > TOLERANCE ? `; its metric is at ${Math.round(overload * 100)} % of the target` : ''}.`,
    cites: [cite(object, [...limited.path, 'reason']), cite(object, ['spec', 'maxReplicas'])],
    affects: [target, ...pods.map(({ ref }) => ref)],
  }
}
