import { atLeastOne, type Citation, type Citations, citeName } from '../../incident/citation.ts'
import { isAddress } from '../../incident/dependencies/names.ts'
import { type DependencyState, stateOfDependency } from '../../incident/dependencies/state.ts'
import type { Dependency } from '../../incident/dependency.ts'
import { serviceOf, servingPods, workloadsBehind } from '../../incident/endpoints.ts'
import { classesOfCalls, doesNotAnswer, failedCallsOf, onlyLookups } from '../../incident/failed-call.ts'
import type { Incident } from '../../incident/incident.ts'
import { REMOTE } from '../../incident/logs/classes.ts'
import { isError } from '../../incident/logs/is-error.ts'
import { is } from '../../incident/messages/index.ts'
import { describeRef, keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest, tellNames } from '../../incident/telling.ts'
import { breaksOut } from '../breaks-out.ts'
import { erringCallers } from '../erring-callers.ts'
import { type Claim, type Finding, type Rule, reject, UNANSWERED } from '../rule.ts'
import { TELEMETRY } from '../telemetry.ts'
import { isCallerIll, suffersNow } from './suffering-call.ts'

/** A Service or a host outside that its callers cannot reach. */
export const dependencyDown: Rule<'dependency-down'> = {
  id: 'dependency-down',
  title: 'Something that workloads depend on does not answer',
  domain: 'workload',
  seeds: ['KIA 1'],
  needs: ['pods', 'logs'],
  helps: ['previous-logs', 'services', 'endpointslices.discovery.k8s.io'],
  explains: UNANSWERED,
  explain: {
    mechanism:
      'Workloads call a database, a queue, an API or each other. When one of these does not answer, its callers log failing calls, fail their readiness probes or end, and so do those who call them: many symptoms with one name in their logs. A host outside the cluster cannot be seen in the bundle, only the calls to it; a Service inside can, and why its own pods fail is then the root.',
    proof: [
      'Failing calls (connection refused, timeouts, failed lookups, UNAVAILABLE) of one or several workloads name the same host or Service.',
      'They go on until the capture, and no other callee failed before.',
      'Where all pods are ready: they began after a time without them or fill the logs, in several callers, fast and without a pause. Calls that fail now and then are ordinary life.',
    ],
    lookAlikes: [
      'coredns-down-or-unschedulable, coredns-overloaded: lookups of many different names fail.',
      'networkpolicy-blocks-traffic, security-group-or-nacl-block: the callee is well, and only some may not reach it.',
      'service-selector-or-port-mismatch: the callee is well, and its Service does not lead to it.',
      'node trouble: only callers on one node fail.',
    ],
    mitigate: [
      {
        says: 'See whether it answers.',
        command: 'kubectl get endpointslices,pods -n {namespace} -o wide',
        changes: false,
      },
      { says: 'Restore or fail over what does not answer; scale callers down if they make it worse.', changes: true },
    ],
    fix: [
      'Give callers timeouts, back-off and a way to go on without it; keep readiness independent of it; run it with more than one replica.',
    ],
    links: ['https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/'],
  },
  *evaluate(incident) {
    const failing = withoutAliases(incident.dependencies.filter((one) => doesNotAnswer(one) && !isElsewhere(one.to)))
    const isDns = failsToResolve(failing)
    for (const [, calls] of Map.groupBy(failing, ({ to }) => keyOf(to))) {
      const { to } = calls[0] as Dependency
      const now = calls.filter((call) => suffersNow(incident, call))
      if (now.length === 0)
        yield reject(to, 'Calls to it failed, but not lately or not often, and the callers are well.')
      else if (isDns && now.every((call) => onlyLookups(call)))
        yield reject(to, 'Lookups of many names fail: it is the name service, not this one.')
      else if (to.kind === 'Service' && now.every((call) => isUnanswered(incident, call)))
        yield reject(to, 'Nobody answered who was asked for its address: it is the name service, or the way to it.')
      else yield describe(incident, to, now)
    }
  },
}

/** The API server, the name service, what a node answers itself (metadata, identity) and the pod are the matter of other rules. */
function isElsewhere({ kind, namespace, name }: Ref): boolean {
  if (kind === 'Node') return true
  if (kind === 'Host')
    return name === 'localhost' || name.startsWith('127.') || name.startsWith('169.254.') || name === '::1'
  return (
    (namespace === 'default' && name === 'kubernetes') ||
    (namespace === 'kube-system' && /^(kube-dns|coredns|node-local-dns)$/.test(name))
  )
}

/** One line may name a host and its address: the name is what people know. */
function withoutAliases(calls: readonly Dependency[]): readonly Dependency[] {
  const named = new Set(calls.filter(({ to }) => !isAddress(to.name)).map(placeOf))
  return calls.filter((call) => !isAddress(call.to.name) || !named.has(placeOf(call)))
}

function placeOf({ cites: [cite] }: Dependency): string {
  return 'line' in cite ? `${cite.file}:${cite.line}` : cite.pointer
}

/** Whether all that failed of a call were lookups without an answer: of whom they were to find, that says nothing. */
function isUnanswered(incident: Incident, call: Dependency): boolean {
  const failed = failedCallsOf(incident, call)
  return failed.length > 0 && failed.every(({ template }) => is(template.example.text, 'name-lookup-timeout'))
}

/** From this many different names on, failing lookups are the fault of who answers them. */
const MANY_NAMES = 3

function failsToResolve(failing: readonly Dependency[]): boolean {
  const names = failing.filter((call) => onlyLookups(call)).map(({ to }) => keyOf(to))
  return new Set(names).size >= MANY_NAMES
}

function describe(incident: Incident, to: Ref, calls: readonly Dependency[]): Finding {
  const state = stateOfDependency(incident, to, calls)
  const callers = uniqueRefs(calls.map(({ from }) => from))
  const asleep = state === 'gone' ? asleepBehind(incident, to) : []
  const strength = strengthOf(incident, to, state, calls)
  const against = doubts(incident, to, state, calls, strength)
  return {
    kind: state === 'ill' || state === 'waits' ? 'mechanism' : 'cause',
    subject: to,
    strength,
    from: earliest(calls.map(({ first }) => first)),
    says: `${count(callers.length, 'workload')} (${tellNames(callers.map(({ name }) => name))}) cannot reach ${to.kind === 'Host' ? `the host ${to.name}` : describeRef(to)} (${tellClasses(calls)})${tellState(state, calls)}${tellAsleep(asleep)}.`,
    cites: citeCalls(calls),
    affects: uniqueRefs([
      ...callers,
      ...asleep,
      ...callers.flatMap((ref) => sufferersOf(incident, incident.workloadOf(ref)?.pods ?? [])),
    ]),
    ...(against.length > 0 ? { against } : {}),
  }
}

/** What a caller is told of each state. */
const STATES: Readonly<Record<DependencyState, string>> = {
  outside: '; it is outside the cluster',
  nobody: '; nothing in the cluster has this address now',
  unknown: '; what stands behind it was not collected',
  missing: '; such a Service does not exist',
  gone: '; no pod stands behind it',
  waits: '; it has failing calls of its own',
  ill: '; its own pods are not well, and why is the question',
  full: '; it answers that it takes no more connections',
  portless: '; it has no such port',
  well: '; its pods are ready, so it hangs, or the way to it is the question',
}

/** Who only failed to find the name has not asked whether its pods hang. */
function tellState(state: DependencyState, calls: readonly Dependency[]): string {
  const isUnfound = state === 'well' && calls.every((call) => onlyLookups(call))
  return isUnfound ? '; its pods are ready, and only its name is not found' : STATES[state]
}

/** What the Service would lead to if it were not scaled to zero. */
function asleepBehind(incident: Incident, to: Ref): readonly Ref[] {
  const service = serviceOf(incident, to)
  const workloads = service ? workloadsBehind(incident, service) : []
  return workloads.filter(({ desired }) => desired === 0).map(({ ref }) => ref)
}

function tellAsleep(asleep: readonly Ref[]): string {
  return asleep.length === 0 ? '' : `: ${tellNames(asleep.map(describeRef))} is scaled to zero`
}

/**
 * Of a host outside only its callers tell: several that are ill, or one that was refused or has no such name, which no lost packet can do. Where
 * pods are ready on both ends, several callers whose logs break out do.
 */
function strengthOf(
  incident: Incident,
  to: Ref,
  state: DependencyState,
  calls: readonly Dependency[],
): Finding['strength'] {
  if (state === 'unknown') return 'weak'
  if (state === 'well') return isFeltBySeveral(incident, to, calls) ? 'strong' : 'weak'
  if (state !== 'outside' && state !== 'nobody') return 'strong'
  return tellsOfHost(incident, calls) || isFeltBySeveral(incident, to, calls) ? 'strong' : 'weak'
}

function tellsOfHost(incident: Incident, calls: readonly Dependency[]): boolean {
  const ill = calls.filter((call) => isCallerIll(incident, call))
  const isRefused = ill.some((call) => classesOfCalls(call).has('connection-refused'))
  const isAbsent = ill.some((call) =>
    failedCallsOf(incident, call).some((one) => is(one.template.example.text, 'name-not-found')),
  )
  return (ill.length > 0 && calls.length > 1) || isRefused || isAbsent
}

/** Whether the failing calls of several callers, or of one and of those who call it, are an incident by their logs; nobody misses telemetry. */
function isFeltBySeveral(incident: Incident, to: Ref, calls: readonly Dependency[]): boolean {
  if (TELEMETRY.test(to.name)) return false
  const callers = uniqueRefs(calls.filter((call) => hasErrorsThatBreakOut(incident, call)).map(({ from }) => from))
  return callers.length > 1 || (callers.length === 1 && erringCallers(incident, callers).length > 0)
}

function hasErrorsThatBreakOut(incident: Incident, call: Dependency): boolean {
  return breaksOut(
    incident,
    failedCallsOf(incident, call).filter(({ template }) => isError(template)),
  )
}

function doubts(
  incident: Incident,
  to: Ref,
  state: DependencyState,
  calls: readonly Dependency[],
  strength: Finding['strength'],
): readonly Claim[] {
  const claims: Claim[] = []
  const service = serviceOf(incident, to)
  if (service && state === 'well')
    claims.push({
      says: `All ${count(servingPods(service).length, 'pod')} behind it are ready.`,
      cites: [citeName(service.object)],
    })
  const isOutside = state === 'outside' || state === 'nobody'
  // What several callers log made it strong, and nothing else did.
  if (isOutside && strength === 'strong' && !tellsOfHost(incident, calls))
    claims.push({ says: 'Its callers are well but for what they log.', cites: citeCalls(calls) })
  const node = onlyNodeOf(incident, calls)
  if (node) claims.push({ says: `Only callers on the node ${node} are seen to fail.`, cites: citeCalls(calls) })
  return claims
}

/** The one node of all failing callers, where there are several of these and the callers run elsewhere too. */
function onlyNodeOf(incident: Incident, calls: readonly Dependency[]): string | undefined {
  const pods = new Set(calls.flatMap((call) => failedCallsOf(incident, call).map(({ pod }) => pod)))
  const nodes = new Set([...pods].map((pod) => pod?.node))
  const [node] = nodes
  const elsewhere = calls.some(({ from }) =>
    incident.workloadOf(from)?.pods.some((pod) => pod.ready && pod.node !== node),
  )
  return pods.size > 1 && nodes.size === 1 && elsewhere ? node : undefined
}

function tellClasses(calls: readonly Dependency[]): string {
  const classes = new Set(calls.flatMap((call) => [...classesOfCalls(call)]).filter((one) => REMOTE.has(one)))
  return classes.size === 0 ? 'failing calls' : [...classes].sort().slice(0, 3).join(', ')
}

function citeCalls(calls: readonly Dependency[]): Citations {
  const first = calls.map(({ cites }) => cites[0] as Citation)
  const rest = calls.flatMap(({ cites }) => cites.slice(1))
  return atLeastOne([...first, ...rest].slice(0, 5))
}
