import { atLeastOne, cite } from '../../incident/citation.ts'
import { type Condition, conditionOf } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import { count, earliest } from '../../incident/telling.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** Conditions that the AWS Load Balancer Controller sets at pods, one for each target group. */
const GATE = 'target-health.elbv2.k8s.aws/'

/** A target is registered and checked for a while before it is healthy: two checks of 15 s, and the registration. */
const REGISTRATION_MS = 3 * 60_000

/** A load balancer does not send requests to pods whose containers are ready. */
export const albNlbTargetsUnhealthy: Rule<'alb-nlb-targets-unhealthy'> = {
  id: 'alb-nlb-targets-unhealthy',
  title: 'A load balancer takes ready pods for unhealthy',
  domain: 'network',
  seeds: ['KIA 3.5.1'],
  needs: ['pods'],
  helps: ['aws-elb', 'events', 'services', 'ingresses.networking.k8s.io'],
  explains: ['not-ready', 'no-endpoints', 'rollout-stalled', 'errors', 'warnings'],
  explain: {
    mechanism:
      'The load balancer checks pods by itself, from its own addresses, at the path and port of its annotations. Where that path answers differently from the readiness probe, or the security group of the pods does not let it in, it sends them nothing although Kubernetes finds them ready. With readiness gates the pods then count as not ready.',
    proof: [
      'All containers of the pod are ready, and its condition target-health.elbv2.k8s.aws/… is False; the reason says why.',
      'By hand: aws elbv2 describe-target-health shows the target as unhealthy.',
    ],
    lookAlikes: [
      'lb-controller-broken: the target was never registered.',
      'readiness-depends-on-dependency: the containers themselves are not ready.',
    ],
    mitigate: [
      {
        says: 'Compare the health check of the annotations with the readiness probe.',
        command: 'kubectl -n {namespace} get ingress,service -o yaml',
        changes: false,
      },
      {
        says: 'Let the security group of the load balancer reach the port of the pods, or mend path and port of the health check.',
        changes: true,
      },
    ],
    fix: ['Give the load balancer the same path as the readiness probe.'],
    links: ['https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html'],
  },
  *evaluate(incident) {
    const sick = incident.pods.filter((pod) => pod.deleted === undefined && gateOf(pod) !== undefined)
    for (const [, pods] of Map.groupBy(sick, (pod) => keyOf(serviceOf(incident, pod)))) {
      const subject = serviceOf(incident, pods[0] as Pod)
      const ready = pods.filter((pod) => conditionOf(pod.conditions, 'ContainersReady')?.status === 'True')
      const waiting = ready.filter((pod) => incident.now - (readySince(pod) ?? 0) > REGISTRATION_MS)
      if (waiting.length > 0) yield describe(subject, waiting)
      else
        yield reject(
          subject,
          ready.length > 0
            ? 'Its new pods are only being registered.'
            : 'The containers of its pods are not ready themselves.',
        )
    }
  },
}

function gateOf(pod: Pod): Condition | undefined {
  return pod.conditions.find(({ type, status }) => type.startsWith(GATE) && status !== 'True')
}

function readySince(pod: Pod): number | undefined {
  return conditionOf(pod.conditions, 'ContainersReady')?.since ?? pod.created
}

function serviceOf(incident: Incident, pod: Pod): Ref {
  return incident.servicesOf(pod)[0]?.object.ref ?? pod.workload
}

function describe(subject: Ref, pods: readonly Pod[]): Finding {
  const gates = pods.map(gateOf).filter((gate) => gate !== undefined)
  return {
    kind: 'cause',
    subject,
    strength: 'strong',
    from: earliest(gates.map(({ since }) => since)) ?? earliest(pods.map(readySince)),
    says: `The containers of ${count(pods.length, 'pod')} behind ${subject.name} are ready, and the load balancer finds them unhealthy (${gates[0]?.reason || gates[0]?.message || 'no reason given'}).`,
    cites: atLeastOne(pods.slice(0, 3).map((pod) => cite(pod, [...(gateOf(pod)?.path ?? []), 'type'], GATE))),
    affects: uniqueRefs(pods.flatMap(({ ref, workload }) => [ref, workload])),
  }
}
