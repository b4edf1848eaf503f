import type { Container } from './container.ts'
import type { Incident } from './incident.ts'
import { type Json, listAt, recordAt, stringsAt, textAt } from './kubernetes.ts'
import type { Node, Taint } from './node.ts'
import { onceFor } from './once-for.ts'
import type { Pod } from './pod.ts'
import { parseQuantity, showBytes, showCores } from './quantity.ts'
import { matchesExpression, matchesLabels } from './selector.ts'

/** Why a node would not take a pod, as far as a bundle tells: what other pods demand of their neighbours is not looked at. */
export interface Misfit {
  readonly kind: 'cordoned' | 'taint' | 'node-affinity' | 'insufficient' | 'too-many-pods' | 'volume-node-affinity'
  readonly says: string
  readonly resource?: string
  readonly taint?: Taint
}

/** A node with everything that keeps a pod off it; nothing where it would fit. */
export interface Fit {
  readonly node: Node
  readonly misfits: readonly Misfit[]
}

/** Amounts by the name of the resource: cores, bytes, devices. */
export type Amounts = Readonly<Record<string, number>>

/** What pods on a node have requested together, and how much there is. */
export interface Room {
  readonly requested: Amounts
  readonly allocatable: Amounts
  readonly pods: number
  readonly mostPods: number | undefined
}

/** Holds a pod against every node, as the scheduler does. */
export function fitsOf(incident: Incident, pod: Pod): readonly Fit[] {
  return incident.nodes.map((node) => ({ node, misfits: misfitsOf(incident, pod, node) }))
}

/** Everything that keeps a pod off one node. */
export function misfitsOf(incident: Incident, pod: Pod, node: Node): readonly Misfit[] {
  return [
    ...cordonOf(pod, node),
    ...untoleratedTaints(pod, node).map(
      (taint): Misfit => ({ kind: 'taint', says: `has the taint ${showTaint(taint)}`, taint }),
    ),
    ...(matchesNode(pod, node) ? [] : [{ kind: 'node-affinity', says: 'lacks the labels that it demands' } as const]),
    ...shortagesOn(incident, pod, node),
    ...volumesElsewhere(incident, pod, node),
  ]
}

const CORDONED = 'node.kubernetes.io/unschedulable'

function cordonOf(pod: Pod, node: Node): Misfit[] {
  const taint = { key: CORDONED, value: '', effect: 'NoSchedule', added: undefined, path: [] }
  return node.unschedulable && !tolerates(pod, taint) ? [{ kind: 'cordoned', says: 'is cordoned' }] : []
}

/** The taints of a node that keep a pod off it; a cordon is told by itself. */
export function untoleratedTaints(pod: Pod, node: Node): readonly Taint[] {
  return node.taints.filter(
    (taint) => taint.effect !== 'PreferNoSchedule' && taint.key !== CORDONED && !tolerates(pod, taint),
  )
}

/** `dedicated=gpu:NoSchedule`. */
export function showTaint({ key, value, effect }: Taint): string {
  return `${key}${value === '' ? '' : `=${value}`}:${effect}`
}

/** Whether a pod tolerates a taint (k8s.io/component-helpers/scheduling/corev1). */
export function tolerates(pod: Pod, taint: Taint): boolean {
  return listAt(specOf(pod), 'tolerations').some((toleration) => {
    const [key, effect] = [textAt(toleration, 'key'), textAt(toleration, 'effect')]
    if (effect !== '' && effect !== taint.effect) return false
    if (textAt(toleration, 'operator') === 'Exists') return key === '' || key === taint.key
    return key === taint.key && textAt(toleration, 'value') === taint.value
  })
}

/** Whether a node has what the selector and the required affinity of a pod demand of nodes. */
export function matchesNode(pod: Pod, node: Node): boolean {
  const spec = specOf(pod)
  const required = recordAt(spec, 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution')
  return (
    matchesLabels(stringsAt(spec, 'nodeSelector'), node.labels) &&
    matchesTerms(listAt(required, 'nodeSelectorTerms'), node)
  )
}

/** Whether any term of a node selector matches; none at all asks for nothing. */
export function matchesTerms(terms: readonly unknown[], { labels, ref }: Node): boolean {
  if (terms.length === 0) return true
  return terms.some((term) => {
    const [expressions, fields] = [listAt(term, 'matchExpressions'), listAt(term, 'matchFields')]
    if (expressions.length === 0 && fields.length === 0) return false
    return (
      expressions.every((one) => matchesExpression(recordAt(one), labels)) &&
      fields.every((one) => matchesExpression(recordAt(one), { 'metadata.name': ref.name }))
    )
  })
}

function shortagesOn(incident: Incident, pod: Pod, node: Node): Misfit[] {
  const room = roomOn(incident, node)
  const short = Object.entries(requestsOf(incident, pod)).filter(
    ([resource, amount]) => amount > freeOf(room, resource),
  )
  return [
    ...(room.mostPods !== undefined && room.pods >= room.mostPods
      ? [{ kind: 'too-many-pods', says: `runs ${room.pods} of at most ${room.mostPods} pods` } as const]
      : []),
    ...short.map(
      ([resource]): Misfit => ({
        kind: 'insufficient',
        resource,
        says: `has ${showAmount(resource, Math.max(0, freeOf(room, resource)))} of ${showAmount(resource, room.allocatable[resource] ?? 0)} ${resource} unrequested`,
      }),
    ),
  ]
}

/** How much of a resource nobody has requested. */
export function freeOf({ requested, allocatable }: Room, resource: string): number {
  return (allocatable[resource] ?? 0) - (requested[resource] ?? 0)
}

/** `500m`, `1.5Gi`, `2`. */
export function showAmount(resource: string, amount: number): string {
  if (resource === 'cpu') return showCores(amount)
  return /^(?:memory|ephemeral-storage|hugepages-)/.test(resource) ? showBytes(amount) : String(amount)
}

function volumesElsewhere(incident: Incident, pod: Pod, node: Node): Misfit[] {
  return incident
    .usesOf(pod)
    .filter(({ kind }) => kind === 'PersistentVolumeClaim')
    .flatMap(({ name }) => {
      const claim = incident.find('PersistentVolumeClaim', pod.ref.namespace, name)
      const volume = claim && incident.find('PersistentVolume', undefined, textAt(claim.json, 'spec', 'volumeName'))
      const terms = listAt(volume?.json, 'spec', 'nodeAffinity', 'required', 'nodeSelectorTerms')
      if (!volume || matchesTerms(terms, node)) return []
      return [{ kind: 'volume-node-affinity', says: `is not where its volume ${volume.ref.name} is` } as const]
    })
}

/** What is known of an incident once it was asked for. */
interface Known {
  readonly rooms: Map<string, Room>
  readonly samples: ReadonlyMap<string, Pod>
}

const knownOf = onceFor(({ pods }: Incident): Known => {
  const whole = pods.filter(({ json }) => json.spec !== undefined)
  return { rooms: new Map(), samples: new Map(whole.map((pod) => [templateOf(pod), pod])) }
})

/** What the pods on a node request together, as the scheduler counts: whatever is not over, leaving pods too. */
export function roomOn(incident: Incident, node: Node): Room {
  const { rooms } = knownOf(incident)
  const found = rooms.get(node.ref.name)
  if (found) return found
  const pods = incident.podsOn(node.ref.name).filter(({ phase }) => phase !== 'Succeeded' && phase !== 'Failed')
  const requested: Record<string, number> = {}
  for (const pod of pods)
    for (const [resource, amount] of Object.entries(requestsOf(incident, pod)))
      requested[resource] = (requested[resource] ?? 0) + amount
  const allocatable = amountsIn(recordAt(node.json, 'status', 'allocatable'))
  const room = { requested, allocatable, pods: pods.length, mostPods: node.allocatable.pods }
  rooms.set(node.ref.name, room)
  return room
}

/** What a pod requests: its containers together, or the largest init container where that is more, and what its runtime takes. */
export function requestsOf(incident: Incident, pod: Pod): Amounts {
  const sample = sampleOf(incident, pod)
  return totalOf(specOf(sample), sample.containers, 'requests')
}

/** What the containers of a spec have of requests or limits, as the scheduler and quotas add them up. */
export function totalOf(spec: Json, containers: readonly Container[], kind: 'requests' | 'limits'): Amounts {
  const byRole = (role: string) => containers.filter((one) => one.role === role).map((one) => amountsOf(one, kind))
  const sidecars = total(byRole('sidecar'))
  const running = total([...byRole('main'), sidecars])
  const starting = byRole('init').map((one) => total([one, sidecars]))
  const whole = amountsIn(recordAt(spec, 'resources', kind))
  return total([{ ...largest([running, ...starting]), ...whole }, amountsIn(recordAt(spec, 'overhead'))])
}

/** Pods that are well were captured small: what they all have of their template is read from one of them. */
export function sampleOf(incident: Incident, pod: Pod): Pod {
  return pod.json.spec === undefined ? (knownOf(incident).samples.get(templateOf(pod)) ?? pod) : pod
}

function templateOf({ ref, ownerRef, templateHash }: Pod): string {
  return `${ref.namespace}/${ownerRef?.kind}/${ownerRef?.name ?? ref.name}/${templateHash}`
}

function amountsOf(container: Container, kind: 'requests' | 'limits'): Amounts {
  const { cpu, memory, ephemeralStorage } = container[kind]
  const named = { cpu, memory, 'ephemeral-storage': ephemeralStorage }
  const amounts = Object.entries(named).filter((entry): entry is [string, number] => entry[1] !== undefined)
  return { ...amountsIn(recordAt(container.spec, 'resources', kind)), ...Object.fromEntries(amounts) }
}

function amountsIn(record: Json): Amounts {
  const amounts = Object.entries(record).map(([resource, amount]) => [resource, parseQuantity(amount)] as const)
  return Object.fromEntries(amounts.filter((entry): entry is readonly [string, number] => entry[1] !== undefined))
}

function total(all: readonly Amounts[]): Amounts {
  return merge(all, (a, b) => a + b)
}

function largest(all: readonly Amounts[]): Amounts {
  return merge(all, Math.max)
}

function merge(all: readonly Amounts[], join: (a: number, b: number) => number): Amounts {
  const merged: Record<string, number> = {}
  for (const amounts of all)
    for (const [resource, amount] of Object.entries(amounts)) merged[resource] = join(merged[resource] ?? 0, amount)
  return merged
}

function specOf(pod: Pod): Json {
  return recordAt(pod.json, 'spec')
}
