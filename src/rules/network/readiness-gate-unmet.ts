import { atLeastOne, cite } from '../../incident/citation.ts'
import { conditionOf } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import { listAt, textAt } from '../../incident/kubernetes.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf } from '../../incident/reference.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest, tellNames } from '../../incident/telling.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { gateOf, hasReadyContainers, readySince } from './readiness-gate.ts'

/** Pods whose containers are ready, and that wait for a condition which somebody else has to set. */
export const readinessGateUnmet: Rule<'readiness-gate-unmet'> = {
  id: 'readiness-gate-unmet',
  title: 'Pods wait for a readiness gate that nobody sets',
  domain: 'network',
  needs: ['pods'],
  helps: ['events', 'logs'],
  explains: ['not-ready', 'no-endpoints', 'rollout-stalled', 'unhealthy-condition'],
  explain: {
    mechanism:
      'A pod with readiness gates is ready only when its containers are, and each condition that its gates name is True. A controller sets these: of a load balancer, a mesh, an operator. Where it does not run, does not know the pod, or finds it unfit, the pod is never ready, though its containers are.',
    proof: [
      'ContainersReady is True and Ready False with ReadinessGatesNotReady, and a condition of spec.readinessGates is missing or not True.',
    ],
    lookAlikes: [
      'alb-nlb-targets-unhealthy: the controller of AWS has set the condition, and says that the target is not healthy.',
      'readiness-probe-failing: the containers themselves are not ready.',
    ],
    mitigate: [
      {
        says: 'See which condition is missing, and look for who sets it.',
        command: 'kubectl -n {namespace} get pods -o yaml | grep -A3 readinessGates',
        changes: false,
      },
      { says: 'Bring that controller back, or take the gate from the template until it is.', changes: true },
    ],
    fix: ['Alarm on the controller that sets the gate; a webhook adds gates only where the controller serves.'],
    links: ['https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-readiness-gate'],
  },
  *evaluate(incident) {
    const gated = incident.pods.filter((pod) => pod.deleted === undefined && closedGates(pod).length > 0)
    for (const [, pods] of Map.groupBy(gated, ({ workload }) => keyOf(workload))) {
      const waiting = pods.filter((pod) => hasWaited(incident, pod))
      if (waiting.length > 0) yield describe(incident, waiting)
      else yield reject((pods[0] as Pod).workload, 'Its containers are not ready themselves, or only since a moment.')
    }
  },
}

/** Setting a condition takes seconds, a load balancer three minutes. */
const PATIENCE = 3 * 60 * 1000

function hasWaited({ now }: Incident, pod: Pod): boolean {
  return hasReadyContainers(pod) && !pod.ready && now - (readySince(pod) ?? now) > PATIENCE
}

/** Gates that are not open, but for one of the load balancers of AWS that tells why: that is told elsewhere. */
function closedGates(pod: Pod): readonly string[] {
  const told = gateOf(pod)?.type
  return listAt(pod.json, 'spec', 'readinessGates')
    .map((gate) => textAt(gate, 'conditionType'))
    .filter((type) => type !== '' && type !== told && conditionOf(pod.conditions, type)?.status !== 'True')
}

function describe(incident: Incident, pods: readonly Pod[]): Finding {
  const [pod] = pods as [Pod]
  const gates = [...new Set(pods.flatMap(closedGates))]
  const set = gates.map((type) => conditionOf(pod.conditions, type)).find((one) => one !== undefined)
  const words = set && [set.reason, set.message].filter((one) => one !== '').join(': ')
  return {
    kind: 'cause',
    subject: pod.workload,
    strength: 'proof',
    from: earliest(pods.map(readySince)),
    says: `The containers of ${count(pods.length, 'pod')} of ${pod.workload.name} are ready, and the pods are not: the condition ${tellNames(gates)} of their readiness gates ${set ? `is ${set.status}${words ? ` (${words})` : ''}` : 'was never set'}.`,
    cites: atLeastOne([cite(pod, ['spec', 'readinessGates']), ...(set ? [cite(pod, [...set.path, 'status'])] : [])]),
    missing: ['The log of the controller that sets the condition.'],
    affects: sufferersOf(incident, pods),
  }
}
