import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import { clusterDns } from '../../incident/cluster-dns.ts'
import type { Dependency } from '../../incident/dependency.ts'
import { servingPods, workloadsBehind } from '../../incident/endpoints.ts'
import { doesNotAnswer } from '../../incident/failed-call.ts'
import type { Incident } from '../../incident/incident.ts'
import type { RecentChange } from '../../incident/recent-change.ts'
import { describeRef, keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest, latest, tellNames, tellTime } from '../../incident/telling.ts'
import type { Workload } from '../../incident/workload.ts'
import { type Finding, type Rejection, type Rule, reject, UNANSWERED } from '../rule.ts'
import { TELEMETRY } from '../telemetry.ts'
import { isCallerIll, suffersNow } from './suffering-call.ts'

/** Somebody scaled to zero what others call. */
export const scaledToZero: Rule<'scaled-to-zero'> = {
  id: 'scaled-to-zero',
  title: 'What others call is scaled to zero',
  domain: 'workload',
  needs: ['pods', 'logs', 'services'],
  helps: ['previous-logs', 'events', 'endpointslices.discovery.k8s.io'],
  explains: UNANSWERED,
  explain: {
    mechanism:
      'A workload with spec.replicas 0 is as it should be for its controller: it has no pods, no event warns of it, and nothing of it is unready. Its Services stay, and whoever calls them is refused, or gets no answer. People scale to zero to save money, to stop writes for a migration, or by a script that names too much; an autoscaler does it for want of load.',
    proof: [
      'spec.replicas is 0, no pod is left behind its Service, and calls to that Service fail until the capture.',
      'Who wrote spec.replicas, and when, stands in managedFields, and in the event "Scaled down replica set … to 0".',
    ],
    lookAlikes: [
      'service-has-no-ready-endpoints: there are pods, and none of them is ready.',
      'service-selector-or-port-mismatch: there are pods, and the Service does not select them.',
      'A workload that was put to sleep on purpose: nobody calls it.',
      'One that was scaled down because of the incident: calls to it failed before.',
    ],
    mitigate: [
      {
        says: 'See who scaled it, and when.',
        command: 'kubectl get {kind}/{name} -n {namespace} --show-managed-fields -o yaml',
        changes: false,
      },
      {
        says: 'Scale it up again.',
        command: 'kubectl scale {kind}/{name} -n {namespace} --replicas=<n>',
        changes: true,
      },
    ],
    fix: [
      'Let only the deployment pipeline set numbers of replicas, and alert on a Service that is called and has no endpoints.',
    ],
    links: ['https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#scaling-a-deployment'],
  },
  *evaluate(incident) {
    const own = new Set(clusterDns(incident).workloads.map(({ ref }) => keyOf(ref)))
    for (const workload of incident.workloads)
      if (workload.desired === 0 && workload.object && !own.has(keyOf(workload.ref))) yield* judge(incident, workload)
  },
}

function* judge(incident: Incident, workload: Workload): Generator<Finding | Rejection> {
  const services = new Set(emptyServices(incident, workload))
  const calls = incident.dependencies.filter(({ to }) => services.has(keyOf(to)))
  const failing = calls.filter((call) => doesNotAnswer(call) && isMissed(incident, call))
  if (failing.length > 0) yield describe(incident, workload, failing)
  else if (services.size > 0) yield reject(workload.ref, 'It is scaled to zero, and nobody is seen to call it in vain.')
}

/** Of what takes measurements only who cannot go on without it. */
function isMissed(incident: Incident, call: Dependency): boolean {
  return TELEMETRY.test(call.to.name) ? isCallerIll(incident, call) : suffersNow(incident, call)
}

/** Services that would lead to it, and to nobody else. */
function emptyServices(incident: Incident, { ref }: Workload): readonly string[] {
  return incident.services
    .filter((service) => servingPods(service).length === 0)
    .filter((service) => {
      const behind = workloadsBehind(incident, service)
      return behind.some((one) => keyOf(one.ref) === keyOf(ref)) && behind.every(({ desired }) => desired === 0)
    })
    .map(({ object }) => keyOf(object.ref))
}

function describe(incident: Incident, workload: Workload, calls: readonly Dependency[]): Finding {
  const { ref } = workload
  const first = earliest(calls.map((call) => call.first))
  const scaled = incident.changes.findLast(({ what, top }) => what === 'scale' && keyOf(top) === keyOf(ref))
  const earlier = calls.find((call) => scaled && call.first !== undefined && isBefore(incident, call.first, scaled))
  const callers = uniqueRefs(calls.map(({ from }) => from))
  return {
    kind: 'cause',
    subject: ref,
    strength: earlier ? 'weak' : scaled ? 'proof' : 'strong',
    from: earliest([earlier ? undefined : scaled?.at, first]),
    to: latest(calls.map(({ last }) => last)),
    says: `${describeRef(ref)} is scaled to zero${tellWho(scaled)}, and ${count(callers.length, 'workload')} (${tellNames(callers.map(({ name }) => name))}) cannot reach ${tellNames(servicesOf(calls).map(({ name }) => name))}, for which it should answer.`,
    cites: citesOf(workload, scaled, calls),
    against: earlier ? [{ says: 'Calls to it failed before it was scaled to zero.', cites: earlier.cites }] : [],
    affects: uniqueRefs([
      ref,
      ...servicesOf(calls),
      ...callers,
      ...callers.flatMap((caller) => sufferersOf(incident, incident.workloadOf(caller)?.pods ?? [])),
    ]),
  }
}

/** A burst of failures while the last pods went is no earlier failure. */
function isBefore({ clocks }: Incident, first: number, { at }: RecentChange): boolean {
  return first < at - clocks.tolerance
}

function servicesOf(calls: readonly Dependency[]): readonly Ref[] {
  return uniqueRefs(calls.map(({ to }) => to))
}

function tellWho(scaled: RecentChange | undefined): string {
  if (!scaled) return ''
  return ` (at ${tellTime(scaled.at)}${scaled.by === '' ? '' : `, by ${scaled.by}`})`
}

function citesOf({ object }: Workload, scaled: RecentChange | undefined, calls: readonly Dependency[]) {
  const replicas: readonly Citation[] = object ? [cite(object, ['spec', 'replicas'])] : []
  return atLeastOne([...replicas, ...(scaled?.cites ?? []), ...calls.flatMap((call) => call.cites)].slice(0, 5))
}
