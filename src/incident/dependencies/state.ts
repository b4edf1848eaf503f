import { crashesOf } from '../crash.ts'
import type { Dependency } from '../dependency.ts'
import { hasNoReadyEndpoint, serviceOf, servingPods } from '../endpoints.ts'
import { doesNotAnswer, failedCallsOf } from '../failed-call.ts'
import type { Incident } from '../incident.ts'
import { textAt } from '../kubernetes.ts'
import { is } from '../messages/index.ts'
import { isFailing, type Pod } from '../pod.ts'
import { keyOf, type Ref } from '../reference.ts'
import type { Service } from '../service.ts'
import { latest } from '../telling.ts'
import { type HostState, stateOfHost } from './host-state.ts'
import { splitTarget } from './names.ts'

/**
 * gone: nothing stands behind it. waits: it calls what does not answer either. ill: its own pods fail. full: it says itself that it takes no
 * more. portless: it has other ports than the one that is called. well: its pods are ready. The others are those of a host.
 */
export type DependencyState = HostState | 'gone' | 'waits' | 'ill' | 'full' | 'portless' | 'well'

/** What is seen of a callee that its callers cannot reach. */
export function stateOfDependency(incident: Incident, to: Ref, calls: readonly Dependency[]): DependencyState {
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
