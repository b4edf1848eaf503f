import type { Incident } from '../../incident/incident.ts'
import type { MessageId } from '../../incident/messages/index.ts'
import { listPending } from '../../incident/pending.ts'
import type { Pod } from '../../incident/pod.ts'
import { CLUSTER, type Ref } from '../../incident/reference.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count } from '../../incident/telling.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { agentOf, type Shortage, shortageOf, tellShortage, withCounted } from './address-shortage.ts'
import { agentSays } from './agent-log.ts'
import { type CountedShortage, countedShortages, nodeAtLimit } from './counted-addresses.ts'
import { keptAddresses } from './kept-addresses.ts'

/** The cloud, or whoever asked it, says that the subnet has none left. */
const SUBNET: readonly MessageId[] = ['subnet-ip-exhaustion']

/** A subnet that has no room for a load balancer (eight addresses) is told by lb-controller-broken; pods may live elsewhere. */
const BALANCED = new Set(['Ingress', 'Service', 'TargetGroupBinding', 'Gateway'])

/** What a machine is before it is a node (Karpenter, Cluster API). */
const MACHINES = new Set(['NodeClaim', 'NodePool', 'EC2NodeClass', 'Machine', 'MachineSet'])

/** The agent of a node has none left; why is in its log. */
const POOL: readonly MessageId[] = ['ip-assignment-failed', 'ipamd-pool-empty', 'nma-ipamd-no-ips', 'pod-pool-empty']

/** The range of a node is used up, or the cluster has no range left for another node. */
const RANGE: readonly MessageId[] = ['pod-range-exhausted', 'pod-cidr-exhausted']

/** What else leaves the agent of a node without addresses. */
const OTHER_REASONS: readonly MessageId[] = [
  'prefix-fragmentation',
  'eni-attach-failed',
  'attachment-limit',
  'private-ip-limit',
  'aws-access-denied',
  'sts-or-aws-api-throttled',
]

/** The network that pods get their addresses from has none left. */
export const subnetIpExhaustion: Rule<'subnet-ip-exhaustion'> = {
  id: 'subnet-ip-exhaustion',
  title: 'The subnet or range has no address left for another pod',
  domain: 'network',
  seeds: ['KIA 3.2.2A', 'HN 5'],
  needs: ['pods'],
  helps: ['events', 'aws-ec2', 'aws-eks', 'cni-introspection'],
  explains: [
    'not-starting',
    'unscheduled',
    'rollout-stalled',
    'not-scaling',
    'no-endpoints',
    'warnings',
    'not-ready',
    'job-failing',
  ],
  explain: {
    mechanism:
      "Every pod takes an address: in EKS one of the node's subnet, elsewhere one of the node's own range. Warm pools, churn, many small Jobs and leaked interfaces use them up. From then on new pods stay in ContainerCreating wherever they are placed, and nodes that join are of no use, while pods that run are fine.",
    proof: [
      'The cloud answered InsufficientFreeAddressesInSubnet, or host-local says that no address is available in its range.',
      'The agents (ipamd) count refusals with that code between the samples while pods wait; or they did before, hold no address that is not given away, have interfaces left, and send pods away now.',
      'By hand: aws ec2 describe-subnets, AvailableIpAddressCount is near zero; on other clusters compare the pods of the node with the size of its podCIDR.',
    ],
    lookAlikes: [
      'prefix-fragmentation: addresses are free, but no sixteen in a row.',
      'cni-ipamd-down: the agent does not answer at all.',
      'node-pod-density-limit: one node has its full number of pods; others still take some.',
      'eni-attach-failed: the subnet has addresses, and the node cannot get another interface.',
    ],
    mitigate: [
      { says: 'Scale down what matters least, and suspend CronJobs that start many pods.', changes: true },
      {
        says: 'Let nodes hold fewer addresses in reserve (EKS).',
        command: 'kubectl -n kube-system set env daemonset/aws-node WARM_IP_TARGET=2 MINIMUM_IP_TARGET=10',
        changes: true,
      },
    ],
    fix: [
      'Give pods a larger range: a secondary CIDR with custom networking, larger subnets, prefix delegation or IPv6; elsewhere a larger cluster CIDR.',
      'Alarm on free addresses of each subnet.',
    ],
    links: ['https://docs.aws.amazon.com/eks/latest/best-practices/ip-opt.html'],
  },
  *evaluate(incident) {
    const subnet = shortageOf(incident, ...SUBNET)
    const pool = shortageOf(incident, ...POOL)
    const said = subnet.said.filter(({ about }) => !BALANCED.has(about.kind))
    const counted = countedShortages(incident, 'full')
    if (said.length > 0) yield tellSubnet(incident, { ...subnet, said }, pool, counted)
    else if (counted.length > 0) yield tellCounted(incident, pool, counted)
    else if (pool.said.length > 0) yield tellPool(incident, pool)
    yield* tellRanges(incident)
  },
}

function tellSubnet(
  incident: Incident,
  { said, pods, nodes }: Shortage,
  pool: Shortage,
  counted: readonly CountedShortage[],
): Finding {
  const spoken = {
    said: [...said, ...pool.said],
    pods: [...new Set([...pods, ...pool.pods, ...unplaced(incident, said)])],
    nodes: [...new Set([...nodes, ...pool.nodes])],
  }
  const all = withCounted(spoken, counted)
  const kept = keptAddresses(incident)
  return tellShortage(incident, all, agentOf(incident), {
    strength: 'proof',
    says: `The subnet has no free address (${said[0]?.words}); ${count(all.pods.length, 'pod')} on ${count(all.nodes.length, 'node')} wait for one${kept ? `; ${kept.says}` : ''}.`,
    cites: [...counted.flatMap(({ cites }) => cites).slice(0, 2), ...(kept?.cites ?? [])],
  })
}

/** Nobody wrote it down, and the agents counted it: what EC2 answers while pods wait decides, what it answered before does not. */
function tellCounted(incident: Incident, pool: Shortage, counted: readonly CountedShortage[]): Finding {
  const all = withCounted(pool, counted)
  const now = counted.find(({ isNow }) => isNow)
  const told = now ?? counted[0]
  const kept = keptAddresses(incident)
  return tellShortage(incident, all, agentOf(incident), {
    strength: now ? 'proof' : 'strong',
    says: `The subnet has no free address: ${told?.says}; ${count(all.pods.length, 'pod')} on ${count(all.nodes.length, 'node')} wait for one${kept ? `; ${kept.says}` : ''}.`,
    cites: [...(told?.cites ?? []), ...(kept?.cites ?? [])],
  })
}

/** Machines that find no address do not start, and pods have no node for want of them. */
function unplaced(incident: Incident, said: Shortage['said']): readonly Pod[] {
  if (!said.some(({ about }) => MACHINES.has(about.kind))) return []
  return listPending(incident).flatMap((group) => group.pods.map(({ pod }) => pod))
}

/** Several nodes without addresses point at what they share; one alone may have reached its own limit, as its agent may tell. */
function tellPool(incident: Incident, shortage: Shortage) {
  const { pods, nodes } = shortage
  const limits = nodes.flatMap((node) => nodeAtLimit(incident, node) ?? [])
  const open = nodes.filter((node) => !limits.some((one) => one.node === node))
  const other = otherReason(incident) ?? (open.length === 0 ? limits[0]?.says : undefined)
  if (other !== undefined) return reject(agentOf(incident), `Nodes lack addresses because of something else: ${other}.`)
  const [only] = open
  const subject: Ref = nodes.length > 1 || only === undefined ? agentOf(incident) : { kind: 'Node', name: only }
  return tellShortage(incident, shortage, subject, {
    strength: open.length > 1 ? 'strong' : 'weak',
    says: `${count(pods.length, 'pod')} on ${count(nodes.length, 'node')} got no address: the agent of the plugin has none left to give.`,
    missing: ['the free addresses of the subnets (aws-ec2), or the log of ipamd'],
  })
}

/** What agents say or count that leaves them without addresses, and is no fault of the subnet. */
function otherReason(incident: Incident): string | undefined {
  const [said] = agentSays(incident, ...OTHER_REASONS).said
  const counted = (['fragmented', 'limited', 'throttled'] as const).flatMap((kind) => countedShortages(incident, kind))
  return said?.words ?? counted[0]?.says
}

function* tellRanges(incident: Incident): Generator<Finding> {
  const shortage = shortageOf(incident, ...RANGE)
  if (shortage.said.length === 0) return
  const [only] = shortage.nodes
  const subject: Ref = shortage.nodes.length === 1 && only !== undefined ? { kind: 'Node', name: only } : CLUSTER
  yield tellShortage(incident, shortage, subject, {
    strength: 'proof',
    says: `The range that pods of ${shortage.nodes.join(', ') || 'a node'} get addresses from is used up; ${count(shortage.pods.length, 'pod')} wait for one.`,
    // The nodes are well: nothing else that is said of them comes of it.
    affects: sufferersOf(incident, shortage.pods),
  })
}
