import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import { conditionOf } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import type { MessageId } from '../../incident/messages/index.ts'
import type { Pod } from '../../incident/pod.ts'
import { describeRef, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest } from '../../incident/telling.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { networkAgents, sickAgents } from './agents.ts'
import { faultsOfNodes } from './node-faults.ts'
import { answeringAgents, type SilentDaemon, silentAgents } from './silent-daemons.ts'
import { firstSaid, lastSaid, stillHolds } from './still-holds.ts'
import { unnetworkedOn, unnetworkedPods } from './unnetworked.ts'

/** Texts in which a plugin says that its agent on the node is not there, or not able. */
const AGENT_GONE: readonly MessageId[] = [
  'cni-ipamd-down',
  'network-policy-agent-unreachable',
  'ipamd-api-unreachable',
  'flannel-subnet-missing',
  'calico-node-down',
  'calico-unauthorized',
  'cilium-agent-down',
  'azure-cns-down',
  'cni-plugin-missing',
  'bridge-address-conflict',
]

/** What any plugin's failure looks like; its words alone do not say whose fault it is. */
const ANY_FAILURE: readonly MessageId[] = ['cni-plugin-failed', 'cilium-endpoint-failed', 'sandbox-address-missing']

/** Failures of the plugin that have rules of their own: addresses that run out are no fault of the agent. */
const OTHER_CAUSES: readonly MessageId[] = [
  'subnet-ip-exhaustion',
  'prefix-fragmentation',
  'ip-assignment-failed',
  'ipamd-pool-empty',
  'pod-range-exhausted',
  'pod-pool-empty',
  'branch-eni-missing',
  'eni-attach-failed',
  'missing-eni-config',
  'network-attachment-missing',
]

/** What the node monitoring agent of EKS says of the daemon. */
const SIGNALS: readonly MessageId[] = [
  'nma-ipamd-not-ready',
  'nma-ipamd-not-running',
  'nma-ipamd-restarts',
  'nma-network-policy-agent-not-running',
]

/** A node that has just joined waits for its network for a moment (the agent's image is pulled, its rules are written). */
const JOINING_MS = 3 * 60_000

/** The agent of the network plugin does not work on some nodes, so that no new pod there gets a network. */
export const cniIpamdDown: Rule<'cni-ipamd-down'> = {
  id: 'cni-ipamd-down',
  title: 'The agent of the network plugin does not work',
  domain: 'network',
  seeds: ['KIA 1.6', 'KIA 2.3'],
  needs: ['pods'],
  helps: ['events', 'nodes', 'cni-introspection', 'node-logs'],
  explains: [
    'not-starting',
    'node-unhealthy',
    'rollout-stalled',
    'no-endpoints',
    'warnings',
    'unscheduled',
    'not-ready',
  ],
  explain: {
    mechanism:
      'The kubelet asks the network plugin for an address for each new pod, and the plugin asks its agent on the node: ipamd in aws-node, calico-node, the cilium agent, flanneld. While that agent is down, cannot reach the API server or is not set up, every new pod of the node stays in ContainerCreating. Pods that run keep their addresses and go on.',
    proof: [
      'Events FailedCreatePodSandBox name the agent: 127.0.0.1:50051 refused, /run/flannel/subnet.env or /var/lib/calico/nodename missing, cilium.sock.',
      'The pods of the agent on these nodes are not ready, or the node says NetworkPluginNotReady.',
      'Nobody listens on :61678 and :61679 of the node while aws-node runs there, and on other nodes it answers.',
    ],
    lookAlikes: [
      'subnet-ip-exhaustion: the agent answers, and has no address left.',
      'sg-for-pods-branch-eni-exhausted: only pods with a security group of their own wait.',
      'container-runtime-down: the runtime itself does not answer.',
    ],
    mitigate: [
      { says: 'Take no new pods onto the node while it is broken.', command: 'kubectl cordon {node}', changes: true },
      {
        says: 'Read why the agent does not start, then restart its pod on one node before all: delete that pod.',
        command: 'kubectl -n kube-system logs daemonset/{name} --all-containers --tail=100',
        changes: false,
      },
    ],
    fix: [
      'Give the agent the permissions, the route to the API server and the resources that it lacks; go back to the version of the add-on that worked.',
    ],
    links: ['https://docs.aws.amazon.com/eks/latest/userguide/managing-vpc-cni.html'],
  },
  *evaluate(incident) {
    const waiting = unnetworkedPods(incident, ...AGENT_GONE)
    const silent = silentAgents(incident)
    const unexplained = unnetworkedPods(incident, ...ANY_FAILURE).filter(({ pod }) => isUnexplained(incident, pod))
    const answering = answeringAgents(incident)
    const unsure = unexplained.filter(({ pod }) => !answering.has(pod.node))
    const nodes = unreadyNodes(incident)
    const signals = faultsOfNodes(incident, ...SIGNALS).flatMap(({ said }) =>
      said.filter((one) => stillHolds(incident, one)),
    )
    const stuck = waiting.length > 0 ? waiting : unsure
    const said = [...stuck.flatMap((one) => one.said), ...signals]
    const pods = [
      ...new Set([...stuck.map(({ pod }) => pod), ...silent.flatMap(({ node }) => unnetworkedOn(incident, node))]),
    ]
    if (pods.length === 0 && nodes.length === 0 && signals.length === 0) {
      for (const node of new Set(unexplained.map(({ pod }) => pod.node)))
        yield reject({ kind: 'Node', name: node }, 'A plugin fails there, and the agent of the network plugin answers.')
      for (const { node } of silent) yield reject({ kind: 'Node', name: node }, NOBODY_WAITS)
      return yield* rejectOld(incident)
    }
    const isDeaf = silent.some(({ node }) => pods.some((pod) => pod.node === node))
    const isNamed = waiting.length > 0 || nodes.length > 0 || signals.length > 0 || isDeaf
    yield describe(incident, { pods, unready: nodes, said, silent, isNamed })
  },
}

const NOBODY_WAITS = 'Nobody listens on the ports of its network agent, and no pod of it waits for a network.'

/** Pods that have waited for longer than an agent needs that has only started anew. */
function isUnexplained(incident: Incident, pod: Pod): boolean {
  return !incident.saidAbout(pod.ref).some(({ id }) => OTHER_CAUSES.includes(id) || AGENT_GONE.includes(id))
}

function* rejectOld(incident: Incident) {
  for (const { about, text } of incident
    .said(...AGENT_GONE)
    .filter(({ source }) => source === 'event')
    .slice(0, 3))
    yield reject(
      about,
      `The plugin failed for it once (${text.slice(0, 80)}…), and it does not wait for a network now.`,
    )
}

/** Nodes that are not ready for want of a network, longer than one needs to join. */
function unreadyNodes(incident: Incident): readonly { ref: Ref; said: Said }[] {
  return incident.said('network-plugin-not-ready').flatMap((said) => {
    const node =
      said.source === 'condition' && said.about.kind === 'Node' ? incident.nodeOf(said.about.name) : undefined
    const isOld = node !== undefined && incident.now - (node.created ?? 0) > JOINING_MS
    const ready = node && conditionOf(node.conditions, 'Ready')
    return isOld && ready?.status === 'False' ? [{ ref: node.ref, said }] : []
  })
}

/** What is known of agents that do not work. */
interface Trouble {
  readonly pods: readonly Pod[]
  readonly unready: readonly { ref: Ref; said: Said }[]
  readonly said: readonly Said[]
  readonly silent: readonly SilentDaemon[]
  readonly isNamed: boolean
}

function describe(incident: Incident, { pods, unready, said, silent, isNamed }: Trouble): Finding {
  const names = new Set([...pods.map(({ node }) => node), ...unready.map(({ ref }) => ref.name), ...nodesSaid(said)])
  const sick = sickAgents(incident, names)
  const deaf = silent.filter(({ node }) => names.has(node))
  const [agent] = networkAgents(incident)
  const nodes = [...names].filter((name) => name !== '').sort()
  const nodeRefs = nodes.map((name): Ref => ({ kind: 'Node', name }))
  const subject = sick[0]?.workload ?? (nodes.length > 1 && agent ? agent.ref : (nodeRefs[0] as Ref))
  const conditions = unready.map((one) => one.said)
  return {
    kind: 'cause',
    subject,
    strength: strengthOf(sick.length > 0 || (deaf.length > 0 && said.length > 0), isNamed),
    from: firstSaid([...said, ...conditions]) ?? earliest(pods.map(({ created }) => created)),
    to: lastSaid(said),
    says: `${count(pods.length, 'pod')} on ${count(nodes.length, 'node')} (${nodes.slice(0, 3).join(', ')}) ${pods.length === 1 ? 'gets' : 'get'} no network: ${reasonOf(sick, deaf, said, conditions)}.`,
    cites: atLeastOne(
      [...said, ...conditions]
        .slice(0, 3)
        .map(({ citation }) => citation)
        .concat(
          sick.slice(0, 1).map(citeUnready),
          deaf.slice(0, 2).map(({ citation }) => citation),
        ),
    ),
    affects: uniqueRefs([...sufferersOf(incident, [...pods, ...sick]), ...nodeRefs]),
    ...(isNamed ? {} : { missing: ["the log of the network plugin's agent on these nodes"] }),
  }
}

function nodesSaid(said: readonly Said[]): readonly string[] {
  return said.filter(({ about }) => about.kind === 'Node').map(({ about }) => about.name)
}

/** The plugin's own words and an agent that is sick, or does not listen, together leave no doubt. */
function strengthOf(isSick: boolean, isNamed: boolean): Finding['strength'] {
  if (isSick && isNamed) return 'proof'
  return isSick || isNamed ? 'strong' : 'weak'
}

function reasonOf(
  sick: readonly Pod[],
  deaf: readonly SilentDaemon[],
  said: readonly Said[],
  conditions: readonly Said[],
): string {
  if (sick[0]) return `${describeRef(sick[0].workload)} is not ready on ${count(sick.length, 'node')}`
  if (deaf[0])
    return `nobody listens on the ports of the agent on ${deaf.map(({ node }) => node).join(', ')}, and it answers on other nodes`
  const words = said[0]?.words ?? conditions[0]?.words ?? ''
  return `the plugin says "${words.slice(0, 120)}"`
}

function citeUnready(pod: Pod): Citation {
  const ready = conditionOf(pod.conditions, 'Ready')
  return ready ? cite(pod, [...ready.path, 'status'], ready.status) : cite(pod, ['status', 'phase'])
}
