import { cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { numberAt } from '../../incident/kubernetes.ts'
import { uniqueRefs } from '../../incident/reference.ts'
import { count } from '../../incident/telling.ts'
import { isStrained, overloadOf, type Strain, strainOf, TOLERANCE } from '../overload.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { listScalers, type Scaler, scalerCondition } from './hpa-findings.ts'

/** An autoscaler that wants more replicas than it may have. */
export const hpaMaxed: Rule<'hpa-maxed'> = {
  id: 'hpa-maxed',
  title: 'An autoscaler is at its maximum',
  domain: 'autoscaling',
  needs: ['horizontalpodautoscalers.autoscaling'],
  helps: ['pods', 'events', 'logs'],
  explains: ['not-scaling', 'slow', 'errors', 'not-ready', 'crashing'],
  explain: {
    mechanism:
      'The metric asks for more pods than maxReplicas allows. The load is more than the pods can carry, or each of them carries less than it should, because what they need is slow or one takes it all.',
    proof: [
      'Condition ScalingLimited is True with TooManyReplicas, and currentReplicas equals maxReplicas.',
      'Somebody suffers from it: probes or callers time out, or what its queue holds is above the target. Without that, a maximum is what many workloads are at when they are busy.',
    ],
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

/** With pods that suffer it is a part of what happens; with callers, probes or a queue that wait, the cause of it; else it only may come. */
function kindOf(strain: Strain): Finding['kind'] {
  if (strain.sick.length > 0) return 'mechanism'
  return isStrained(strain) ? 'cause' : 'risk'
}

function describe(
  incident: Incident,
  { object, target }: Scaler,
  limited: NonNullable<ReturnType<typeof scalerCondition>>,
): Finding {
  const strain = strainOf(incident, object, target)
  const { sick, late, callers } = strain
  const most = numberAt(object.json, 'spec', 'maxReplicas')
  return {
    kind: kindOf(strain),
    subject: object.ref,
    strength: sick.length > 0 ? 'strong' : 'weak',
    from: limited.since,
    says: `The autoscaler ${object.ref.name} wants more than the ${most} replicas that it may give ${target.name}${tellStrain(strain)}${tellOverload(overloadOf(object))}.`,
    cites: [
      cite(object, [...limited.path, 'reason']),
      cite(object, ['spec', 'maxReplicas']),
      ...late.slice(0, 1).map(({ citation }) => citation),
      ...callers.slice(0, 1).map(({ cites: [first] }) => first),
    ],
    affects: uniqueRefs([
      target,
      ...sick.map(({ ref }) => ref),
      ...late.map(({ about: { container: _, ...ref } }) => ref),
      ...callers.map(({ from }) => from),
    ]),
  }
}

function tellStrain({ sick, late, callers }: Strain): string {
  if (sick.length > 0) return `, and ${sick.length} of its pods are not well`
  if (late.length > 0) return ', and its probes are answered too late'
  return callers.length > 0 ? `, and ${count(callers.length, 'caller')} wait for it in vain` : ''
}

function tellOverload(overload: number | undefined): string {
  return overload !== undefined && overload > TOLERANCE
    ? `; its metric is at ${Math.round(overload * 100)} % of the target`
    : ''
}
