import { atLeastOne, type Citation, cite, citeName } from '../../incident/citation.ts'
import type { Dependency } from '../../incident/dependency.ts'
import { serviceOf } from '../../incident/endpoints.ts'
import { failedCallsOf } from '../../incident/failed-call.ts'
import type { Incident } from '../../incident/incident.ts'
import { numberAt, valueAt } from '../../incident/kubernetes.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Service } from '../../incident/service.ts'
import type { Said } from '../../incident/statement.ts'
import { count, earliest } from '../../incident/telling.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** Requests that fail whenever a pod ends, because it ends before its callers know. */
export const nonGracefulTermination5xx: Rule<'non-graceful-termination-5xx'> = {
  id: 'non-graceful-termination-5xx',
  title: 'Requests fail at each end of a pod',
  domain: 'workload',
  seeds: ['KIA 8.7'],
  needs: ['pods', 'events', 'logs'],
  helps: ['endpointslices.discovery.k8s.io', 'aws-elb'],
  explains: ['errors', 'slow'],
  explain: {
    mechanism:
      'When a pod is deleted, its container gets SIGTERM at the same moment as the news spreads that it is no endpoint any more; load balancers need seconds to half a minute longer. A program that ends at once, or is killed after a short grace period with requests in flight, answers with refused or reset connections, and callers see 502 and 503 at each rollout, scale-in and drain.',
    proof: [
      'Nearly all failing calls of the callers lie within half a minute of the end of a pod of the callee.',
      'The callee has no preStop hook, or a grace period shorter than the deregistration delay.',
    ],
    lookAlikes: [
      'dependency-down: calls fail between the ends of pods as well.',
      'hpa-thrash, karpenter-disruption-blocked, spot-interruption: what ends so many pods.',
    ],
    mitigate: [
      {
        says: 'Stop what ends pods, such as a rollout or consolidation.',
        command: 'kubectl rollout pause deployment/{name} -n {namespace}',
        changes: true,
      },
    ],
    fix: [
      'Wait in a preStop hook (sleep) for as long as endpoints need to spread, finish requests on SIGTERM, make terminationGracePeriodSeconds longer than both, and use readiness gates of the load balancer controller.',
    ],
    links: [
      'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination',
      'https://docs.aws.amazon.com/eks/latest/best-practices/load-balancing.html',
    ],
  },
  *evaluate(incident) {
    for (const call of incident.dependencies) {
      const service = call.failing ? serviceOf(incident, call.to) : undefined
      const times = failedCallsOf(incident, call).flatMap(({ template }) => [...template.times])
      const pod = service?.pods.find(({ deleted }) => deleted === undefined)
      if (!service || !pod || times.length < FEWEST) continue
      const stops = stopsOf(incident, pod.workload)
      const near = times.filter((at) => stops.some((stop) => isNear(at, stop)))
      if (stops.length === 0) continue
      if (near.length < SHARE * times.length)
        yield reject(service.object.ref, 'Calls to it fail between the ends of its pods as well.')
      else yield describe(call, service, pod, stops, near.length, times.length)
    }
  },
}

/** Fewer failures than this say nothing of when they come. */
const FEWEST = 3

/** So many failures, at the ends of several pods, are no chance. Our judgement. */
const MANY = 10

/** So many of the failures must lie at the ends of pods. Our judgement. */
const SHARE = 0.8

/** An end is noticed by the callers in this time: endpoints, kube-proxy, load balancers. */
const SPREAD = 30_000

function stopsOf(incident: Incident, workload: Ref): readonly Said[] {
  return incident
    .said('container-stopped', 'grace-period-exceeded', 'pre-stop-hook-failed')
    .filter(({ about, source }) => source === 'event' && keyOf(incident.topOf(about)) === keyOf(workload))
}

function isNear(at: number, { first = 0, last = 0 }: Said): boolean {
  return at >= first - 5000 && at <= last + SPREAD && last - first < 2 * SPREAD
}

function describe(
  call: Dependency,
  { object }: Service,
  pod: Pod,
  stops: readonly Said[],
  near: number,
  all: number,
): Finding {
  const [container] = pod.containers
  const hasHook = valueAt(container?.spec, 'lifecycle', 'preStop') !== undefined
  const grace = numberAt(pod.json, 'spec', 'terminationGracePeriodSeconds') ?? 30
  return {
    kind: 'cause',
    subject: pod.workload,
    strength: !hasHook && stops.length >= 2 && near >= MANY ? 'strong' : 'weak',
    from: earliest([call.first]),
    says: `${near} of ${all} failing calls to ${object.ref.name} lie within half a minute of the end of one of its pods (${count(stops.length, 'end')} seen); it has ${hasHook ? 'a' : 'no'} preStop hook and ${grace} s of grace.`,
    cites: atLeastOne([
      ...(call.cites as readonly Citation[]).slice(0, 2),
      ...stops.slice(0, 2).map(({ citation }) => citation),
      container ? cite(pod, container.specPath, container.name) : citeName(pod),
    ]),
    affects: uniqueRefs([pod.workload, object.ref, call.from]),
  }
}
