import { cite } from '../../incident/citation.ts'
import { type Fit, fitsOf, matchesNode, requestsOf, roomOn, showAmount, untoleratedTaints } from '../../incident/fit.ts'
import type { Incident } from '../../incident/incident.ts'
import { recordAt } from '../../incident/kubernetes.ts'
import { is } from '../../incident/messages/index.ts'
import type { Node } from '../../incident/node.ts'
import {
  countNodes,
  describeFits,
  listPending,
  type Pending,
  type PendingGroup,
  reasonsOf,
} from '../../incident/pending.ts'
import { parseQuantity } from '../../incident/quantity.ts'
import { type Action, type Advice, type Claim, type Finding, type Rule, reject } from '../rule.ts'
import { countOf, findPending, nodes, pendingFor, promisesOfNodes } from './pending-finding.ts'

const SEE_NODES: Action = {
  says: 'See what each node has.',
  command: 'kubectl describe nodes | grep -A 12 -E "^(Name|Capacity|Allocatable):"',
  changes: false,
}

/** No room that is made on a node helps who asks for more than all of it. */
const SHRINK: Advice = {
  mitigate: [
    SEE_NODES,
    {
      says: 'Request less, as much as a node has and the system leaves; or add nodes that are large enough.',
      changes: true,
    },
  ],
  fix: ['Set requests to what is used, with a margin, and give the cluster a node group that fits the largest pod.'],
}

/** Devices come from a device plugin: more nodes without one have none either. */
const OFFER: Advice = {
  mitigate: [
    SEE_NODES,
    {
      says: 'See why the device plugin does not offer its devices: whether its pods run on the nodes that have them, what they log, and whether the driver is there.',
      command: 'kubectl get daemonsets,pods -A | grep -i plugin',
      changes: false,
    },
  ],
  fix: ['Watch the pods of the device plugin and the allocatable devices of each node.'],
}

/** Nodes have less of a resource unrequested than a pod requests; or no node is large enough at all. */
export const insufficientCpuMemory: Rule<'insufficient-cpu-memory'> = {
  id: 'insufficient-cpu-memory',
  title: 'No node has enough unrequested CPU, memory or other resource',
  domain: 'scheduling',
  seeds: ['KIA 1.4'],
  needs: ['pods'],
  helps: ['nodes', 'events'],
  explains: ['unscheduled', 'rollout-stalled', 'no-endpoints', 'not-ready', 'job-failing', 'volume-failing'],
  explain: {
    mechanism:
      'The scheduler adds up what the pods on a node request, not what they use. A pod that requests more than is left on every node it may run on stays Pending, however idle the nodes are. Where it requests more than a whole empty node has, no amount of nodes of that size helps.',
    proof: [
      'PodScheduled is False and says `0/N nodes are available: … Insufficient cpu|memory|ephemeral-storage|<device>`.',
      'Without the scheduler’s words: the requests of all pods on a node and the pod’s own are more than `status.allocatable` of the node: `kubectl describe node`, section "Allocated resources".',
    ],
    lookAlikes: [
      'untolerated-taint: nodes have room and a taint keeps the pod off them.',
      'affinity-or-selector-mismatch: no node has the labels that the pod demands.',
      'ca-cannot-scale-up, karpenter-nodepool-limit, capacity-unavailable-ice: why no further node came; then that is the root.',
      'bad-rollout: a new template requests more than the old one did.',
    ],
    mitigate: [
      {
        says: 'See what is requested on each node.',
        command: 'kubectl describe nodes | grep -A 12 "Allocated resources"',
        changes: false,
      },
      {
        says: 'Make room: scale something unimportant down, or add nodes.',
        changes: true,
      },
    ],
    fix: [
      'Set requests to what is used, with a margin, and let an autoscaler add nodes of a size that fits the largest pod.',
    ],
    links: [
      'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
      'https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/',
    ],
  },
  *evaluate(incident) {
    for (const group of listPending(incident)) {
      const pending = pendingFor(group, 'insufficient')
      if (pending) yield describe(incident, group, pending)
      else if (is(group.pods[0].text, 'no-nodes')) yield describeNoNodes(group)
      else if (group.pods[0].said?.reasons.length)
        yield reject(group.workload, 'The scheduler does not say that any node lacks a resource.')
      else if (group.pods[0].text === '') yield* describeCounted(incident, group)
    }
  },
}

/** A network interface of its own is counted like a device, and is told by sg-for-pods-branch-eni-exhausted. */
const BRANCH_ENI = 'vpc.amazonaws.com/pod-eni'

function describe(incident: Incident, group: PendingGroup, pending: Pending): Finding | ReturnType<typeof reject> {
  const reasons = reasonsOf(pending, 'insufficient').filter(({ resource }) => resource !== BRANCH_ENI)
  if (reasons.length === 0)
    return reject(group.workload, 'It lacks a branch network interface: sg-for-pods-branch-eni-exhausted.')
  const oversized = findOversize(
    incident,
    pending,
    reasons.map(({ resource }) => resource ?? ''),
  )
  if (oversized) return describeOversize(incident, group, pending, oversized)
  const words = reasons.map(({ count, resource }) => `${nodes(count)} lack${count === 1 ? 's' : ''} ${resource}`)
  const resources = reasons.map(({ resource }) => resource ?? '')
  const said = `of ${pending.said?.nodes} nodes, ${words.join(' and ')}${describeRequests(incident, pending, resources)}`
  const fits = canCount(incident, pending, resources) ? fitsOf(incident, pending.pod) : []
  const fitting = fits.filter(({ misfits }) => misfits.length === 0)
  // Nodes that are refused for what is not looked at here, neighbours and ports, may well have room.
  if (fitting.length > (pending.said?.nodes ?? 0) - countNodes(reasons))
    return describeContradicted(incident, group, pending, said, fitting)
  return findPending(group, pending, {
    kind: 'mechanism',
    strength: 'proof',
    says: `${countOf(group)} ${group.pods.length === 1 ? 'has' : 'have'} no node: ${said}${fits.length > 0 ? ` (${describeFits(incident, pending)})` : ''}.`,
    against: promisesOfNodes(incident, group),
  })
}

/** What is left on a node can only be told by whoever sees every pod, and what this one asks for. */
function canCount(incident: Incident, { pod }: Pending, resources: readonly string[]): boolean {
  const asked = requestsOf(incident, pod)
  return seesAll(incident) && resources.every((one) => (asked[one] ?? 0) > 0)
}

function seesAll({ coverage, nodes: known }: Incident): boolean {
  return known.length > 0 && coverage.isComplete('nodes') && coverage.isComplete('pods')
}

/** The scheduler was asked before the capture; what it says and what is counted may differ, and it has the last word. */
function describeContradicted(
  incident: Incident,
  group: PendingGroup,
  pending: Pending,
  said: string,
  fitting: readonly Fit[],
): Finding {
  const room = `${nodes(fitting.length)} ${fitting.length === 1 ? 'has' : 'have'} room for it by what is captured`
  return findPending(group, pending, {
    kind: 'mechanism',
    strength: 'strong',
    says: `${countOf(group)} ${group.pods.length === 1 ? 'has' : 'have'} no node: the scheduler says that ${said}; ${room}.`,
    against: [...fitting.slice(0, 1).map(contradict), ...promisesOfNodes(incident, group)],
  })
}

function contradict({ node }: Fit): Claim {
  return {
    says: `${node.ref.name} has room for it: something changed since, or counts that is not in the bundle.`,
    cites: [cite(node, ['status', 'allocatable'])],
  }
}

/** Without a word of the scheduler, what pods request and what nodes have tell where none has room. */
function* describeCounted(incident: Incident, group: PendingGroup): Generator<Finding> {
  const [pending] = group.pods
  const fits = seesAll(incident) ? fitsOf(incident, pending.pod) : []
  const short = fits.filter(({ misfits }) => misfits.every(({ kind }) => kind === 'insufficient'))
  const resources = [...new Set(short.flatMap(({ misfits }) => misfits.map(({ resource }) => resource ?? '')))]
  const [first] = short
  if (!first || fits.some(({ misfits }) => misfits.length === 0)) return
  yield findPending(group, pending, {
    kind: 'mechanism',
    strength: 'strong',
    says: `${countOf(group)} ${group.pods.length === 1 ? 'has' : 'have'} no node, and none has room${describeRequests(incident, pending, resources)} (${describeFits(incident, pending)}).`,
    cites: [...resources.flatMap((one) => citeRequest(pending, one)), cite(first.node, ['status', 'allocatable'])],
    against: promisesOfNodes(incident, group),
  })
}

function describeNoNodes(group: PendingGroup): Finding {
  const [pending] = group.pods
  return findPending(group, pending, {
    kind: 'mechanism',
    strength: 'strong',
    says: `${countOf(group)} cannot be placed because the cluster has no node.`,
  })
}

interface Oversize {
  readonly resource: string
  readonly asked: number
  readonly largest: Node
}

/** A resource of which the pod requests more than any node that it may run on has in all. */
function findOversize(incident: Incident, { pod }: Pending, resources: readonly string[]): Oversize | undefined {
  if (!incident.coverage.isComplete('nodes')) return undefined
  const asked = requestsOf(incident, pod)
  const allowed = incident.nodes.filter((node) => matchesNode(pod, node) && untoleratedTaints(pod, node).length === 0)
  for (const resource of resources) {
    const [largest] = [...allowed].sort((a, b) => wholeOf(incident, b, resource) - wholeOf(incident, a, resource))
    const amount = asked[resource] ?? 0
    if (!largest || amount <= wholeOf(incident, largest, resource)) continue
    const withheld = isDevice(resource) && allowed.find((node) => hasDevices(node, resource, amount))
    return { resource, asked: amount, largest: withheld || largest }
  }
  return undefined
}

function wholeOf(incident: Incident, node: Node, resource: string): number {
  return roomOn(incident, node).allocatable[resource] ?? 0
}

/** Extended resources have a domain in their name; hugepages and what Kubernetes counts itself have none. */
function isDevice(resource: string): boolean {
  return resource.includes('/')
}

/** Devices that the node has and does not give out: its device plugin is gone, or calls them unhealthy (kubelet, devicemanager GetCapacity). */
function hasDevices(node: Node, resource: string, amount: number): boolean {
  return (parseQuantity(recordAt(node.json, 'status', 'capacity')[resource]) ?? 0) >= amount
}

function describeOversize(incident: Incident, group: PendingGroup, pending: Pending, oversize: Oversize): Finding {
  const { resource, asked, largest } = oversize
  const most = wholeOf(incident, largest, resource)
  const requested = `${countOf(group)} request${group.pods.length === 1 ? 's' : ''} ${showAmount(resource, asked)} ${resource}`
  if (isDevice(resource) && hasDevices(largest, resource, asked))
    return describeWithheld(group, pending, oversize, requested, most)
  const place = most > 0 ? ['status', 'allocatable', resource] : ['status', 'allocatable']
  return {
    ...findPending(group, pending, {
      kind: 'cause',
      strength: 'proof',
      says: `${requested}, and the largest node it may run on has ${showAmount(resource, most)} in all (${countNodes(reasonsOf(pending, 'insufficient'))} times "Insufficient" over ${nodes(pending.said?.nodes ?? 0)}).`,
      cites: [...citeRequest(pending, resource), cite(largest, place)],
    }),
    advice: isDevice(resource) && most === 0 ? OFFER : SHRINK,
  }
}

/** What is missing is a symptom: why the plugin does not offer its devices is told by its own pods and by the node. */
function describeWithheld(
  group: PendingGroup,
  pending: Pending,
  { resource, largest }: Oversize,
  requested: string,
  most: number,
): Finding {
  const all = recordAt(largest.json, 'status', 'capacity')[resource]
  return {
    ...findPending(group, pending, {
      kind: 'mechanism',
      strength: 'weak',
      says: `${requested}; ${largest.ref.name} has ${all} and gives out ${most}: its device plugin does not offer them.`,
      cites: [
        ...citeRequest(pending, resource),
        cite(largest, ['status', 'capacity', resource]),
        cite(largest, ['status', 'allocatable', resource]),
      ],
    }),
    missing: ['Why the device plugin of the node does not offer its devices.'],
    advice: OFFER,
  }
}

function citeRequest({ pod }: Pending, resource: string) {
  const one = pod.containers.find(({ spec }) => JSON.stringify(spec.resources ?? {}).includes(`"${resource}"`))
  return one ? [cite(pod, [...one.specPath, 'resources'])] : []
}

function describeRequests(incident: Incident, { pod }: Pending, resources: readonly string[]): string {
  const asked = requestsOf(incident, pod)
  const amounts = [...new Set(resources)].flatMap((one) =>
    asked[one] ? [`${showAmount(one, asked[one])} ${one}`] : [],
  )
  return amounts.length === 0 ? '' : ` for a request of ${amounts.join(' and ')}`
}
