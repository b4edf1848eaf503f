import { cite } from '../../incident/citation.ts'
import { roomOn } from '../../incident/fit.ts'
import type { Incident } from '../../incident/incident.ts'
import { listAt, textAt } from '../../incident/kubernetes.ts'
import {
  countNodes,
  listPending,
  nodesKeptBy,
  type Pending,
  type PendingGroup,
  reasonsOf,
} from '../../incident/pending.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { countOf, findPending, nodes, pendingFor, promisesOfNodes } from './pending-finding.ts'

/** Nodes run as many pods as they may, with room for more by CPU and memory. */
export const nodePodDensityLimit: Rule<'node-pod-density-limit'> = {
  id: 'node-pod-density-limit',
  title: 'Nodes run as many pods as they may',
  domain: 'scheduling',
  seeds: ['KIA 1.4', 'KIA 12.8.1'],
  needs: ['pods'],
  helps: ['nodes', 'events'],
  explains: ['unscheduled', 'rollout-stalled', 'no-endpoints', 'job-failing'],
  explain: {
    mechanism:
      'The kubelet says how many pods its node takes (`status.allocatable.pods`): 110 by default, and with the VPC CNI as many as the network interfaces of the instance type have addresses, 29 on a large instance for example. When that many run, CPU and memory left over help nobody.',
    proof: [
      'PodScheduled is False and counts `Too many pods` (before v1.19: `Insufficient pods`).',
      'The pods on each such node, daemons included, are as many as `status.allocatable.pods`, while requests leave room.',
    ],
    lookAlikes: [
      'insufficient-cpu-memory: the nodes lack CPU or memory as well.',
      'subnet-ip-exhaustion, cni-ipamd-down: the pod was placed and then got no address.',
    ],
    mitigate: [{ says: 'Add nodes.', changes: true }],
    fix: [
      'Turn on prefix delegation (ENABLE_PREFIX_DELEGATION on aws-node) and replace the nodes with a higher maxPods, or use larger instance types; count the daemons that each node runs.',
    ],
    links: [
      'https://kubernetes.io/docs/setup/best-practices/cluster-large/',
      'https://docs.aws.amazon.com/eks/latest/userguide/cni-increase-ip-addresses.html',
    ],
  },
  *evaluate(incident) {
    for (const group of listPending(incident)) {
      const pending = pendingFor(group, 'too-many-pods')
      if (pending) yield judge(incident, group, pending)
    }
  },
}

function judge(incident: Incident, group: PendingGroup, pending: Pending): Finding | Rejection {
  const crowded = countNodes(reasonsOf(pending, 'too-many-pods'))
  const short = countNodes(reasonsOf(pending, 'insufficient'))
  const full = nodesKeptBy(incident, pending, 'too-many-pods')
  if (full.length === 0 && short >= crowded)
    return reject(group.workload, `${nodes(crowded)} run as many pods as they may, and lack other resources too.`)
  return describe(incident, group, pending, full.length > 0 ? full.map(({ node }) => node) : [])
}

function describe(
  incident: Incident,
  group: PendingGroup,
  pending: Pending,
  full: readonly Incident['nodes'][number][],
): Finding {
  const crowded = countNodes(reasonsOf(pending, 'too-many-pods'))
  const [first] = full
  const example = first
    ? `: ${first.ref.name} runs ${roomOn(incident, first).pods} of ${first.allocatable.pods} and has the CPU and memory`
    : ''
  return findPending(group, pending, {
    kind: 'cause',
    strength: full.length > 0 ? 'proof' : 'strong',
    says: `${countOf(group)} ${group.pods.length === 1 ? 'has' : 'have'} no node because ${nodes(crowded)} run as many pods as they may${example}${describePrefixes(incident)}.`,
    cites: full.slice(0, 2).map((node) => cite(node, ['status', 'allocatable', 'pods'])),
    against: promisesOfNodes(incident, group),
  })
}

/** Whether the VPC CNI gives addresses one by one, where that is what limits a node. */
function describePrefixes(incident: Incident): string {
  const daemon = incident.find('DaemonSet', 'kube-system', 'aws-node')
  if (!daemon) return ''
  const variables = listAt(daemon.json, 'spec', 'template', 'spec', 'containers', 0, 'env')
  const value = variables.find((one) => textAt(one, 'name') === 'ENABLE_PREFIX_DELEGATION')
  return textAt(value, 'value') === 'true' ? '' : '; prefix delegation of the VPC CNI is not on'
}
