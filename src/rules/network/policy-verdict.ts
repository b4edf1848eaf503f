import type { Incident } from '../../incident/incident.ts'
import { listAt, numberAt, recordAt, stringsAt, textAt, valueAt } from '../../incident/kubernetes.ts'
import type { KubeObject } from '../../incident/object.ts'
import { isOnHostNetwork, type Pod } from '../../incident/pod.ts'
import { matchesSelector } from '../../incident/selector.ts'
import { isInBlock } from './cidr.ts'

/** The other end of a connection: a pod, an address, or a name outside whose address nobody knows. */
export interface End {
  readonly pod?: Pod
  readonly address?: string
}

/** A port of the pod that is connected to. */
export interface Port {
  readonly number: number
  readonly name: string
  readonly protocol: string
}

export type Direction = 'ingress' | 'egress'

/** The policies that select a pod and of whose rules none lets a connection through; empty where it is allowed, or nobody can tell. */
export function blockingPolicies(
  incident: Incident,
  pod: Pod,
  direction: Direction,
  other: End,
  port: Port | undefined,
): readonly KubeObject[] {
  if (isOnHostNetwork(pod)) return []
  const policies = selectingPolicies(incident, pod, direction)
  const isAllowed = policies.some((policy) =>
    listAt(policy.json, 'spec', direction).some((rule) => allows(incident, policy, rule, direction, other, port)),
  )
  return isAllowed ? [] : policies
}

/** Policies that isolate a pod in a direction: without `policyTypes`, ingress always and egress where there are rules for it. */
export function selectingPolicies(incident: Incident, pod: Pod, direction: Direction): readonly KubeObject[] {
  const type = direction === 'ingress' ? 'Ingress' : 'Egress'
  return incident.objects('networkpolicies.networking.k8s.io').filter(({ ref, json }) => {
    const types = listAt(json, 'spec', 'policyTypes')
    const isIsolating =
      types.length > 0 ? types.includes(type) : type === 'Ingress' || 'egress' in recordAt(json, 'spec')
    return (
      ref.namespace === pod.ref.namespace &&
      isIsolating &&
      matchesSelector(recordAt(json, 'spec', 'podSelector'), pod.labels)
    )
  })
}

function allows(
  incident: Incident,
  policy: KubeObject,
  rule: unknown,
  direction: Direction,
  other: End,
  port: Port | undefined,
): boolean {
  const peers = listAt(rule, direction === 'ingress' ? 'from' : 'to')
  const isPeer = peers.length === 0 || peers.some((peer) => fits(incident, policy, peer, other))
  return isPeer && allowsPort(listAt(rule, 'ports'), port)
}

/** Where an address cannot be compared it may fit: nothing is called blocked on a guess. */
function fits(incident: Incident, policy: KubeObject, peer: unknown, { pod, address }: End): boolean {
  const block = recordAt(peer, 'ipBlock')
  if ('cidr' in block) return isInBlocks(block, pod?.ip || address)
  if (!pod) return false
  const namespaces = recordAt(peer).namespaceSelector
  const isNamespace =
    namespaces === undefined || namespaces === null
      ? pod.ref.namespace === policy.ref.namespace
      : matchesSelector(namespaces, labelsOfNamespace(incident, pod.ref.namespace ?? ''))
  const pods = recordAt(peer).podSelector
  return isNamespace && (pods === undefined || pods === null || matchesSelector(pods, pod.labels))
}

function isInBlocks(block: ReturnType<typeof recordAt>, address: string | undefined): boolean {
  if (address === undefined || address === '') return true
  const isIn = isInBlock(address, textAt(block, 'cidr'))
  if (isIn !== true) return isIn === undefined
  return !listAt(block, 'except').some((one) => typeof one === 'string' && isInBlock(address, one) === true)
}

/** Every namespace carries its name as a label (v1.22), also where its object was not captured. */
function labelsOfNamespace(incident: Incident, name: string): Readonly<Record<string, string>> {
  const labels = incident.find('Namespace', undefined, name)?.labels ?? {}
  return { 'kubernetes.io/metadata.name': name, ...labels }
}

/** A rule without ports is for all; a port that nobody knows may be any that is named. */
function allowsPort(ports: readonly unknown[], port: Port | undefined): boolean {
  if (ports.length === 0 || port === undefined) return true
  return ports.some((one) => {
    const protocol = textAt(one, 'protocol') || 'TCP'
    const wanted = valueAt(one, 'port')
    if (protocol !== port.protocol) return false
    if (wanted === undefined) return true
    if (typeof wanted === 'string') return wanted === port.name || wanted === String(port.number)
    return port.number >= Number(wanted) && port.number <= (numberAt(one, 'endPort') ?? Number(wanted))
  })
}

/** The ports of a pod by name and number, as its containers declare them. */
export function portOf(pod: Pod, target: string, protocol: string): Port | undefined {
  for (const { spec } of pod.containers)
    for (const declared of listAt(spec, 'ports')) {
      const number = numberAt(declared, 'containerPort')
      const name = textAt(declared, 'name')
      if (number !== undefined && (name === target || String(number) === target)) return { number, name, protocol }
    }
  return /^\d+$/.test(target) ? { number: Number(target), name: '', protocol } : undefined
}

/** The labels that a policy's selector asks for, to name whom it is about. */
export function selectedLabels({ json }: KubeObject): string {
  const labels = Object.entries(stringsAt(json, 'spec', 'podSelector', 'matchLabels'))
  return labels.length === 0 ? 'every pod' : labels.map(([key, value]) => `${key}=${value}`).join(',')
}
