import { cite } from '../../incident/citation.ts'
import { matchesNode, requestsOf, roomOn, showAmount, untoleratedTaints } from '../../incident/fit.ts'
import type { Incident } from '../../incident/incident.ts'
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
import { type Finding, type Rule, reject } from '../rule.ts'
import { countOf, findPending, nodes, pendingFor, promisesOfNodes } from './pending-finding.ts'

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
      'The requests of all pods on a node and the pod’s own are more than `status.allocatable` of the node: `kubectl describe node`, section "Allocated resources".',
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
        command: 'kubectl scale deployment/UNIMPORTANT -n {namespace} --replicas=0',
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
  const asked = describeRequests(
    incident,
    pending,
    reasons.map(({ resource }) => resource ?? ''),
  )
  const room = incident.nodes.length > 0 ? ` (${describeFits(incident, pending)})` : ''
  return findPending(group, pending, {
    kind: 'mechanism',
    strength: 'proof',
    says: `${countOf(group)} ${group.pods.length === 1 ? 'has' : 'have'} no node: of ${pending.said?.nodes} nodes, ${words.join(' and ')} for ${asked}${room}.`,
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
  const wholeOf = (node: Node, resource: string) => roomOn(incident, node).allocatable[resource] ?? 0
  for (const resource of resources) {
    const [largest] = [...allowed].sort((a, b) => wholeOf(b, resource) - wholeOf(a, resource))
    const amount = asked[resource] ?? 0
    if (largest && amount > wholeOf(largest, resource)) return { resource, asked: amount, largest }
  }
  return undefined
}

function describeOversize(
  incident: Incident,
  group: PendingGroup,
  pending: Pending,
  { resource, asked, largest }: Oversize,
): Finding {
  const most = roomOn(incident, largest).allocatable[resource] ?? 0
  const place = most > 0 ? ['status', 'allocatable', resource] : ['status', 'allocatable']
  return findPending(group, pending, {
    kind: 'cause',
    strength: 'proof',
    says: `${countOf(group)} request${group.pods.length === 1 ? 's' : ''} ${showAmount(resource, asked)} ${resource}, and the largest node it may run on has ${showAmount(resource, most)} in all (${countNodes(reasonsOf(pending, 'insufficient'))} times "Insufficient" over ${nodes(pending.said?.nodes ?? 0)}).`,
    cites: [...citeRequest(pending, resource), cite(largest, place)],
  })
}

function citeRequest({ pod }: Pending, resource: string) {
  const one = pod.containers.find(({ spec }) => JSON.stringify(spec.resources ?? {}).includes(`"${resource}"`))
  return one ? [cite(pod, [...one.specPath, 'resources'])] : []
}

function describeRequests(incident: Incident, { pod }: Pending, resources: readonly string[]): string {
  const asked = requestsOf(incident, pod)
  const amounts = [...new Set(resources)].map((one) => `${showAmount(one, asked[one] ?? 0)} ${one}`)
  return `a request of ${amounts.join(' and ')}`
}
