import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import type { Condition } from '../../incident/condition.ts'
import { callsTo } from '../../incident/endpoints.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest } from '../../incident/telling.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { gateOf, hasReadyContainers, readySince, waitsForBalancer } from './readiness-gate.ts'

/** What a load balancer says of a target that it checked (ELBv2 DescribeTargetHealth); of one that it did not check it says something else. */
const CHECKED: readonly string[] = [
  'Target.FailedHealthChecks',
  'Target.Timeout',
  'Target.ResponseCodeMismatch',
  'Elb.InternalError',
]

/** The target is not there at all, or on its way out: its health is not the point. */
const UNREGISTERED: readonly string[] = ['Target.NotRegistered', 'Target.NotInUse', 'Target.DeregistrationInProgress']

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
    const gated = incident.pods.filter((pod) => pod.deleted === undefined && gateOf(pod) !== undefined)
    for (const [, pods] of Map.groupBy(gated, (pod) => keyOf(serviceOf(incident, pod)))) {
      const subject = serviceOf(incident, pods[0] as Pod)
      const waiting = pods.filter((pod) => waitsForBalancer(incident, pod))
      const sick = waiting.filter((pod) => !UNREGISTERED.includes(gateOf(pod)?.reason ?? ''))
      if (sick.length > 0) yield describe(incident, subject, sick)
      else yield reject(subject, whyNot(pods, waiting))
    }
  },
}

function whyNot(pods: readonly Pod[], waiting: readonly Pod[]): string {
  if (waiting.length > 0) return 'Its pods are not registered as targets: lb-controller-broken.'
  if (pods.some(hasReadyContainers)) return 'Its new pods are only being registered.'
  return 'The containers of its pods are not ready themselves.'
}

function serviceOf(incident: Incident, pod: Pod): Ref {
  return incident.servicesOf(pod)[0]?.object.ref ?? pod.workload
}

function describe(incident: Incident, subject: Ref, pods: readonly Pod[]): Finding {
  const gates = pods.map(gateOf).filter((gate) => gate !== undefined)
  const checked = gates.find(({ reason }) => CHECKED.includes(reason))
  const { reason, message } = (checked ?? gates[0]) as Condition
  return {
    kind: 'cause',
    subject,
    strength: checked ? 'proof' : 'weak',
    from: earliest(gates.map(({ since }) => since)) ?? earliest(pods.map(readySince)),
    says: `The containers of ${count(pods.length, 'pod')} behind ${subject.name} are ready, and the load balancer does not find them healthy (${[reason, message].filter((one) => one !== '').join(': ') || 'no reason given'}).`,
    cites: atLeastOne(pods.slice(0, 3).map(citeGate)),
    affects: uniqueRefs([...sufferersOf(incident, pods), ...routesTo(incident, pods)]),
  }
}

function citeGate(pod: Pod): Citation {
  const gate = gateOf(pod)
  return cite(pod, [...(gate?.path ?? []), gate?.reason ? 'reason' : 'type'])
}

/** The Ingresses that send requests to these pods. */
function routesTo(incident: Incident, pods: readonly Pod[]): readonly Ref[] {
  return callsTo(incident, pods).flatMap(({ by, from }) => (by === 'route' ? [from] : []))
}
