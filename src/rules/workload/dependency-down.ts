import { atLeastOne, type Citation, type Citations, citeName } from '../../incident/citation.ts'
import { crashesOf } from '../../incident/crash.ts'
import { isAddress, splitTarget } from '../../incident/dependencies/names.ts'
import type { Dependency } from '../../incident/dependency.ts'
import { hasNoReadyEndpoint, serviceOf, servingPods, workloadsBehind } from '../../incident/endpoints.ts'
import { classesOfCalls, doesNotAnswer, failedCallsOf } from '../../incident/failed-call.ts'
import type { Incident } from '../../incident/incident.ts'
import { textAt } from '../../incident/kubernetes.ts'
import { REMOTE } from '../../incident/logs/classes.ts'
import { is } from '../../incident/messages/index.ts'
import { isFailing, type Pod } from '../../incident/pod.ts'
import { describeRef, keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Service } from '../../incident/service.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest, latest, tellNames } from '../../incident/telling.ts'
import { type Claim, type Finding, type Rule, reject, UNANSWERED } from '../rule.ts'
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

/** From this many different names on, failing lookups are the fault of who answers them. */
const MANY_NAMES = 3

function failsToResolve(failing: readonly Dependency[]): boolean {
  const names = failing.filter((call) => onlyLookups(call)).map(({ to }) => keyOf(to))
  return new Set(names).size >= MANY_NAMES
}

function onlyLookups(call: Dependency): boolean {
  const classes = classesOfCalls(call)
  return classes.has('dns-failure') && !classes.has('connection-refused') && !classes.has('connection-reset')
}

function describe(incident: Incident, to: Ref, calls: readonly Dependency[]): Finding {
  const state = stateOf(incident, to, calls)
  const callers = uniqueRefs(calls.map(({ from }) => from))
  const asleep = state === 'gone' ? asleepBehind(incident, to) : []
  const against = doubts(incident, to, state, calls)
  return {
    kind: state === 'ill' || state === 'waits' ? 'mechanism' : 'cause',
    subject: to,
    strength: strengthOf(incident, state, calls),
    from: earliest(calls.map(({ first }) => first)),
    says: `${count(callers.length, 'workload')} (${tellNames(callers.map(({ name }) => name))}) cannot reach ${to.kind === 'Host' ? `the host ${to.name}` : describeRef(to)} (${tellClasses(calls)})${STATES[state]}${tellAsleep(asleep)}.`,
    cites: citeCalls(calls),
    affects: uniqueRefs([
      ...callers,
      ...asleep,
      ...callers.flatMap((ref) => sufferersOf(incident, incident.workloadOf(ref)?.pods ?? [])),
    ]),
    ...(against.length > 0 ? { against } : {}),
  }
}

/**
 * outside: nothing of it is in the cluster. nobody: nothing in the cluster has its address now. unknown: what it could be was not collected.
 * missing: the name is that of a Service that does not exist. gone: nothing stands behind it. waits: it calls what does not answer either.
 * ill: its own pods fail. full: it says itself that it takes no more. portless: it has other ports than the one that is called. well: its
 * pods are ready.
 */
type State = 'outside' | 'nobody' | 'unknown' | 'missing' | 'gone' | 'waits' | 'ill' | 'full' | 'portless' | 'well'

const STATES: Readonly<Record<State, string>> = {
  outside: '; it is outside the cluster',
  nobody: '; nothing in the cluster has this address now',
  unknown: '; what stands behind it was not collected',
  missing: '; such a Service does not exist',
  gone: '; no pod stands behind it',
  waits: '; it has failing calls of its own',
  ill: '; its own pods are not well, and why is the question',
  full: '; it answers that it takes no more connections',
  portless: '; it has no such port',
  well: '; its pods are ready, so the way to it is the question',
}

function stateOf(incident: Incident, to: Ref, calls: readonly Dependency[]): State {
  if (to.kind === 'Host' && calls.every((call) => isFull(incident, call))) return 'full'
  if (to.kind === 'Host') return stateOfHost(incident, to, calls)
  const service = serviceOf(incident, to)
  if (service?.type === 'ExternalName') return 'outside'
  if (to.kind === 'Service' && !service)
    return incident.coverage.isComplete('services', to.namespace) ? 'missing' : 'unknown'
  const pods = podsBehind(incident, to)
  if (service && pods.length === 0 && Object.keys(service.selector).length === 0) return 'outside'
  if (waitsItself(incident, pods, calls)) return 'waits'
  if (pods.length === 0) return incident.coverage.isComplete('pods', to.namespace) ? 'gone' : 'unknown'
  const isIll = service ? hasNoReadyEndpoint(service) : !pods.some(({ ready }) => ready)
  if (isIll || pods.some((pod) => isFailing(pod) || crashesOf(incident, pod).length > 0)) return 'ill'
  if (service && calls.every((call) => asksOtherPort(incident, service, call))) return 'portless'
  return calls.every((call) => isFull(incident, call)) ? 'full' : 'well'
}

/** Whether a Service is called on ports that it does not have; a pod of it, and a Service without an address, answers on any. */
function asksOtherPort(incident: Incident, { object, ports, endpoints }: Service, call: Dependency): boolean {
  const { ports: asked = [] } = call
  const own = new Set(ports.map(({ port }) => port))
  const addresses = new Set(endpoints.map(({ address }) => address))
  const hosts = failedCallsOf(incident, call).flatMap(({ template }) =>
    template.targets.map((one) => splitTarget(one).host),
  )
  if (textAt(object.json, 'spec', 'clusterIP') === 'None' || hosts.some((host) => addresses.has(host))) return false
  return asked.length > 0 && own.size > 0 && asked.every((port) => !own.has(port))
}

/** Whether every failing call got the answer that all connections are taken. */
function isFull(incident: Incident, call: Dependency): boolean {
  const failed = failedCallsOf(incident, call)
  return failed.length > 0 && failed.every(({ template }) => is(template.example.text, 'connection-pool-exhausted'))
}

/** Names of the internet, and addresses there, are outside whatever was collected; other names and addresses may be the cluster's. */
function stateOfHost(incident: Incident, to: Ref, calls: readonly Dependency[]): State {
  if (isMeantInside(incident, to, calls)) return 'missing'
  const isOwn = isAddress(to.name) ? PRIVATE.test(to.name) : !/[^.]\.[^.]/.test(to.name) || isOfNamespace(incident, to)
  if (!isOwn) return 'outside'
  if (!OWN.every((kind) => incident.coverage.isComplete(kind))) return 'unknown'
  return isAddress(to.name) ? 'nobody' : 'outside'
}

/** What has names and addresses in a cluster. */
const OWN = ['services', 'pods', 'endpointslices.discovery.k8s.io', 'nodes'] as const

/** Addresses of private networks, of carriers (100.64.0.0/10, which clusters take for pods), of IPv6's own (RFC 1918, 6598, 4193). */
const PRIVATE =
  /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd][0-9a-f]{2}:)/i

/** `db.shop`, where there is a namespace `shop`, or none is known. */
function isOfNamespace(incident: Incident, { name }: Ref): boolean {
  const [, namespace = '', ...domain] = name.split('.')
  if (domain.length > 0) return false
  return (
    incident.find('Namespace', undefined, namespace) !== undefined ||
    incident.pods.some(({ ref }) => ref.namespace === namespace)
  )
}

/** A name without a domain, or with one that is a namespace, which nobody could resolve: it was to be a Service. */
function isMeantInside(incident: Incident, { name }: Ref, calls: readonly Dependency[]): boolean {
  const [, namespace, ...domain] = name.split('.')
  const isShort =
    namespace === undefined || (domain.length === 0 && incident.find('Namespace', undefined, namespace) !== undefined)
  return isShort && !name.includes(':') && calls.every(onlyLookups) && incident.coverage.isComplete('services')
}

function podsBehind(incident: Incident, to: Ref): readonly Pod[] {
  const service = serviceOf(incident, to)
  if (!service) return incident.workloadOf(to)?.pods ?? []
  return Object.keys(service.selector).length > 0 ? servingPods(service) : namedByEndpoints(incident, service)
}

/** The pods that somebody wrote into the endpoints of a Service without a selector, as operators do for a leader. */
function namedByEndpoints(incident: Incident, { object, endpoints }: Service): readonly Pod[] {
  return endpoints.flatMap(
    ({ pod }) => incident.podOf({ kind: 'Pod', namespace: object.ref.namespace, name: pod } as Ref) ?? [],
  )
}

/** Whether the callee has failing calls of its own, from before its callers' last ones: callers may have failed once for another reason. */
function waitsItself(incident: Incident, pods: readonly Pod[], calls: readonly Dependency[]): boolean {
  const end = latest(calls.map(({ last }) => last)) ?? incident.now
  const owners = new Set(pods.map(({ workload }) => keyOf(workload)))
  const own = incident.dependencies.filter(({ from }) => owners.has(keyOf(from)))
  return own.some((one) => doesNotAnswer(one) && !calls.includes(one) && (one.first ?? end) <= end)
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

/** Of a host outside only its callers tell: several that are ill, or one that was refused or has no such name, which no lost packet can do. */
function strengthOf(incident: Incident, state: State, calls: readonly Dependency[]): Finding['strength'] {
  if (state === 'well' || state === 'unknown') return 'weak'
  if (state !== 'outside' && state !== 'nobody') return 'strong'
  const ill = calls.filter((call) => isCallerIll(incident, call))
  const isRefused = ill.some((call) => classesOfCalls(call).has('connection-refused'))
  const isAbsent = ill.some((call) =>
    failedCallsOf(incident, call).some((one) => is(one.template.example.text, 'name-not-found')),
  )
  return (ill.length > 0 && calls.length > 1) || isRefused || isAbsent ? 'strong' : 'weak'
}

function doubts(incident: Incident, to: Ref, state: State, calls: readonly Dependency[]): readonly Claim[] {
  const claims: Claim[] = []
  const service = serviceOf(incident, to)
  if (service && state === 'well')
    claims.push({
      says: `All ${count(servingPods(service).length, 'pod')} behind it are ready.`,
      cites: [citeName(service.object)],
    })
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
