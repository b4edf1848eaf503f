import { clusterDns } from '../../incident/cluster-dns.ts'
import type { Dependency } from '../../incident/dependency.ts'
import { serviceOf } from '../../incident/endpoints.ts'
import type { Incident } from '../../incident/incident.ts'
import type { LogClass } from '../../incident/logs/log-summary.ts'
import type { KubeObject } from '../../incident/object.ts'
import type { Pod } from '../../incident/pod.ts'
import type { Ref } from '../../incident/reference.ts'
import type { Service } from '../../incident/service.ts'
import { blockingPolicies, type Direction, type Port, portOf } from './policy-verdict.ts'

/** A dependency that no rule of the policies lets through. */
export interface BlockedCall {
  readonly dependency: Dependency
  readonly direction: Direction
  readonly policies: readonly KubeObject[]
  /** What is not reached: the target, or the name server without which no target is. */
  readonly what: 'target' | 'names'
  readonly callers: readonly Pod[]
}

/** How a call ends whose packets are dropped, or refused in the name of the target as kube-router does. */
const DROPPED: readonly LogClass[] = ['timeout', 'no-route', 'connection-refused', 'unavailable']

/** Finds how a dependency is blocked: by what its caller may not send, by what its target may not receive, or by names that do not resolve. */
export function blockOf(incident: Incident, dependency: Dependency): BlockedCall | undefined {
  const callers = incident.workloadOf(dependency.from)?.pods ?? []
  for (const caller of onePerTemplate(callers)) {
    const found = blockOfCaller(incident, dependency, callers, caller)
    if (found) return found
  }
  return undefined
}

/** Pods of one template have the same labels; those of a new one may have lost what a policy asks for. */
function onePerTemplate(pods: readonly Pod[]): readonly Pod[] {
  return [...new Map(pods.map((pod) => [pod.templateHash, pod])).values()]
}

function blockOfCaller(
  incident: Incident,
  dependency: Dependency,
  callers: readonly Pod[],
  caller: Pod,
): BlockedCall | undefined {
  const classes = dependency.classes ?? []
  if (classes.includes('dns-failure'))
    return isAnswered(incident, callers) ? undefined : blockOfNames(incident, dependency, callers, caller)
  if (dependency.failing && !classes.some((one) => DROPPED.includes(one))) return undefined
  return blockOfTarget(incident, dependency, callers, caller)
}

/** A name server that says that a name does not exist was reached. */
function isAnswered(incident: Incident, callers: readonly Pod[]): boolean {
  const ids = new Set(callers.flatMap(({ ref }) => incident.saidAbout(ref).map(({ id }) => id)))
  return ids.has('name-not-found') && !ids.has('name-lookup-timeout')
}

function blockOfNames(
  incident: Incident,
  dependency: Dependency,
  callers: readonly Pod[],
  caller: Pod,
): BlockedCall | undefined {
  const servers = clusterDns(incident).services.filter(({ pods }) => pods.length > 0)
  if (servers.length === 0) return undefined
  const found = servers.map((service) => blockOfService(incident, caller, service, [53], 'UDP'))
  const [first] = found
  return first && found.every((one) => one !== undefined)
    ? { dependency, callers, what: 'names', direction: first.direction, policies: first.policies }
    : undefined
}

function blockOfTarget(
  incident: Incident,
  dependency: Dependency,
  callers: readonly Pod[],
  caller: Pod,
): BlockedCall | undefined {
  const service = serviceOf(incident, dependency.to)
  const ports = dependency.ports ?? []
  const found = service
    ? blockOfService(incident, caller, service, ports, 'TCP')
    : blockOfHost(incident, caller, dependency.to, ports)
  return found && { dependency, callers, what: 'target', ...found }
}

interface Block {
  readonly direction: Direction
  readonly policies: readonly KubeObject[]
}

/** Blocked is what is blocked to every pod behind a Service on every port that may be meant. */
function blockOfService(
  incident: Incident,
  caller: Pod,
  { pods, ports, endpoints }: Service,
  called: readonly number[],
  protocol: string,
): Block | undefined {
  const ready = pods.filter((pod) => pod.ready && pod.deleted === undefined)
  if (pods.length === 0)
    return blockOfAddresses(
      incident,
      caller,
      endpoints.map(({ address }) => address),
    )
  const meant = ports.filter((one) => one.protocol === protocol && (called.length === 0 || isCalled(one, called)))
  const found = ready.flatMap((pod) => {
    const targets = meant.map(({ targetPort }) => portOf(pod, targetPort, protocol))
    const asked = targets.length > 0 ? targets : [undefined]
    return asked.map((port) => blockBetween(incident, caller, pod, port))
  })
  const [first] = found
  return found.length > 0 && found.every((one) => one !== undefined) ? first : undefined
}

/** A log names the port of the Service, or behind its address that of the pod. */
function isCalled({ port, targetPort }: Service['ports'][number], called: readonly number[]): boolean {
  return called.some((one) => one === port || String(one) === targetPort)
}

function blockBetween(incident: Incident, caller: Pod, pod: Pod, port: Port | undefined): Block | undefined {
  const sent = blockingPolicies(incident, caller, 'egress', { pod }, port)
  if (sent.length > 0) return { direction: 'egress', policies: sent }
  const isOfHost =
    caller.json.spec !== undefined && (caller.json.spec as { hostNetwork?: unknown }).hostNetwork === true
  const received = isOfHost ? [] : blockingPolicies(incident, pod, 'ingress', { pod: caller }, port)
  return received.length > 0 ? { direction: 'ingress', policies: received } : undefined
}

function blockOfHost(incident: Incident, caller: Pod, to: Ref, ports: readonly number[]): Block | undefined {
  const pods = incident.workloadOf(to)?.pods ?? []
  const [port] = ports
  const asked = port === undefined ? undefined : { number: port, name: '', protocol: 'TCP' }
  if (pods[0]) return blockBetween(incident, caller, pods[0], asked)
  if (to.kind !== 'Host') return undefined
  const isAddress = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(to.name)
  const policies = blockingPolicies(incident, caller, 'egress', isAddress ? { address: to.name } : {}, asked)
  return policies.length > 0 ? { direction: 'egress', policies } : undefined
}

function blockOfAddresses(incident: Incident, caller: Pod, addresses: readonly string[]): Block | undefined {
  const found = addresses.map((address) => blockingPolicies(incident, caller, 'egress', { address }, undefined))
  const [first] = found
  return first && found.every((one) => one.length > 0) ? { direction: 'egress', policies: first } : undefined
}
