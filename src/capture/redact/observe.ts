import type { Observed, ObservedContainer, ObservedEvent, ObservedNode, ObservedPod } from '../../collector.ts'
import { healDeadlineOf } from '../../healing/deadline.ts'
import { nodeGroupOf } from '../../node-group.ts'
import { KEY } from './keys.ts'

/** Parts of an object that planning wants, by the meaning of their key, as JSON values. */
export type Picks = ReadonlyMap<number, unknown>

const METADATA = [KEY.name, KEY.namespace, KEY.uid]

const EVENT: ReadonlySet<number> = new Set([KEY.type, KEY.reason, KEY.involvedObject])

const PICKS: Readonly<Record<string, ReadonlySet<number>>> = {
  pods: new Set([...METADATA, KEY.deletionTimestamp, KEY.ownerReferences, KEY.nodeName, KEY.hostNetwork, KEY.status]),
  nodes: new Set([...METADATA, KEY.deletionTimestamp, KEY.labels, KEY.taints, KEY.unschedulable, KEY.status]),
  events: EVENT,
  // The same objects in another group.
  'events.events.k8s.io': EVENT,
  configmaps: new Set([KEY.name, KEY.namespace]),
}

/** Where no logs are chosen, only which pods there are; the values of a ConfigMap are judged by its name all the same. */
const NAMES: Readonly<Record<string, ReadonlySet<number>>> = {
  pods: new Set([...METADATA, KEY.nodeName]),
  configmaps: new Set([KEY.name, KEY.namespace]),
}

const NONE: ReadonlySet<number> = new Set()

/** Which parts of a resource's objects are wanted; with `onlyNames` nothing of how they are. */
export function picksOf(resource: string, onlyNames = false): ReadonlySet<number> {
  const picks = onlyNames ? NAMES : PICKS
  return Object.hasOwn(picks, resource) ? (picks[resource] ?? NONE) : NONE
}

/** An object reduced to what planning needs; undefined for resources that it does not look at. */
export function observe(
  resource: string,
  picks: Picks,
  change: ObservedPod['change'],
  onlyNames = false,
): Observed | undefined {
  const changed = change === undefined ? {} : { change }
  if (resource === 'pods') return { ...observePod(picks), ...changed }
  if (onlyNames) return undefined
  if (resource === 'nodes') return { ...observeNode(picks), ...changed }
  return PICKS[resource] === EVENT ? { ...observeEvent(picks), ...changed } : undefined
}

interface PodStatus {
  phase?: string
  reason?: string
  conditions?: Condition[]
  initContainerStatuses?: ContainerStatus[]
  containerStatuses?: ContainerStatus[]
  ephemeralContainerStatuses?: ContainerStatus[]
}

interface Condition {
  type?: string
  status?: string
  lastTransitionTime?: string
}

interface ContainerStatus {
  name?: string
  ready?: boolean
  started?: boolean
  restartCount?: number
  state?: Record<string, { reason?: string; exitCode?: number }>
  lastState?: { terminated?: unknown }
}

function observePod(picks: Picks): ObservedPod {
  const status = (picks.get(KEY.status) ?? {}) as PodStatus
  const owners = (picks.get(KEY.ownerReferences) ?? []) as { uid?: string; controller?: boolean }[]
  return {
    kind: 'Pod',
    namespace: text(picks, KEY.namespace) ?? '',
    name: text(picks, KEY.name) ?? '',
    uid: text(picks, KEY.uid) ?? '',
    ready: isTrue(status.conditions, 'Ready'),
    containers: [
      ...(status.initContainerStatuses ?? []).map((one) => observeContainer(one, isSidecar(one) ? 'sidecar' : 'init')),
      ...(status.containerStatuses ?? []).map((one) => observeContainer(one, 'container')),
      ...(status.ephemeralContainerStatuses ?? []).map((one) => observeContainer(one, 'ephemeral')),
    ],
    ...given('nodeName', text(picks, KEY.nodeName)),
    ...given('deletionTimestamp', text(picks, KEY.deletionTimestamp)),
    ...given('controller', owners.find((owner) => owner.controller)?.uid),
    ...(picks.get(KEY.hostNetwork) === true ? { hostNetwork: true } : {}),
    ...given('phase', status.phase),
    ...given('reason', status.reason),
  }
}

/** An init container that has started and goes on beside the others (KEP-753); an ordinary one is `started` only while it runs alone. */
function isSidecar(status: ContainerStatus): boolean {
  return status.started === true && status.ready === true && status.state?.running !== undefined
}

function observeContainer(status: ContainerStatus, type: ObservedContainer['type']): ObservedContainer {
  const [state = 'unknown', detail = {}] = Object.entries(status.state ?? {})[0] ?? []
  return {
    name: status.name ?? '',
    type,
    restarts: status.restartCount ?? 0,
    ready: status.ready ?? false,
    state: state === 'waiting' || state === 'running' || state === 'terminated' ? state : 'unknown',
    hasPrevious: status.lastState?.terminated !== undefined,
    ...given('reason', detail.reason),
    ...given('exitCode', detail.exitCode),
  }
}

/** The part of a node's status that says how it is and where. */
interface NodeStatus {
  conditions?: Condition[]
  addresses?: { type?: string; address?: string }[]
  daemonEndpoints?: { kubeletEndpoint?: { Port?: number } }
  nodeInfo?: { bootID?: string }
}

/** Where a kubelet listens that nobody told otherwise (kubernetes/kubernetes, pkg/cluster/ports). */
const KUBELET_PORT = 10250

/** What the API server tries first too (--kubelet-preferred-address-types); the addresses of the world outside come last. */
const ADDRESS_TYPES = ['InternalIP', 'InternalDNS', 'Hostname', 'ExternalIP', 'ExternalDNS']

function inOrderOfTrust(addresses: NonNullable<NodeStatus['addresses']>): string[] {
  const ordered = ADDRESS_TYPES.flatMap((type) => addresses.filter((one) => one.type === type))
  return [...new Set(ordered.flatMap(({ address }) => (address ? [address] : [])))]
}

/** Node conditions that say sick when they are not True; every other type, of whatever agent, says sick when it is True (or, ending in Ready, when False). */
function observeNode(picks: Picks): ObservedNode {
  const { conditions = [], addresses = [], daemonEndpoints, nodeInfo } = (picks.get(KEY.status) ?? {}) as NodeStatus
  const labels = (picks.get(KEY.labels) ?? {}) as Readonly<Record<string, string>>
  const taints = (picks.get(KEY.taints) ?? []) as { key?: string; value?: string; effect?: string }[]
  return {
    kind: 'Node',
    name: text(picks, KEY.name) ?? '',
    uid: text(picks, KEY.uid) ?? '',
    ready: isTrue(conditions, 'Ready'),
    unschedulable: picks.get(KEY.unschedulable) === true,
    problems: conditions.filter(isProblem).map((condition) => condition.type ?? ''),
    taints: taints.map((taint) => `${taint.key}:${taint.effect}`),
    addresses: inOrderOfTrust(addresses),
    kubeletPort: daemonEndpoints?.kubeletEndpoint?.Port ?? KUBELET_PORT,
    pool: nodeGroupOf(labels),
    ...given('bootId', nodeInfo?.bootID),
    ...given('heal', healDeadlineOf({ labels, conditions, taints, deleted: text(picks, KEY.deletionTimestamp) })),
  }
}

/** Pressure and problem conditions are bad when True; the node monitoring agent's (KernelReady …) when False. */
function isProblem({ type = '', status }: Condition): boolean {
  if (type === 'Ready') return false
  return type.endsWith('Ready') ? status === 'False' : status === 'True'
}

function observeEvent(picks: Picks): ObservedEvent {
  const object = (picks.get(KEY.involvedObject) ?? {}) as {
    kind?: string
    namespace?: string
    name?: string
    uid?: string
  }
  return {
    kind: 'Event',
    type: text(picks, KEY.type) ?? '',
    reason: text(picks, KEY.reason) ?? '',
    object: {
      kind: object.kind ?? '',
      name: object.name ?? '',
      ...given('namespace', object.namespace),
      ...given('uid', object.uid),
    },
  }
}

function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false
}

function text(picks: Picks, meaning: number): string | undefined {
  const value = picks.get(meaning)
  return typeof value === 'string' ? value : undefined
}

function given<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V })
}
