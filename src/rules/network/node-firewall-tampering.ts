import type { MessageId } from '../../incident/messages/index.ts'
import type { Said } from '../../incident/statement.ts'
import type { Finding, Rule } from '../rule.ts'
import { faultsOfNodes, tellOfNodes } from './node-faults.ts'

/** Without these a node cannot be reached at all; the agent lets such a node be replaced (reasons.yaml, `Condition`). */
const FATAL: readonly MessageId[] = ['nma-interface-not-up', 'nma-interface-not-running', 'nma-loopback-missing']

/** Without these pods of a node cannot be reached; for a moment they are missing whenever pods come and go. */
const MISSING: readonly MessageId[] = ['nma-default-route-missing', 'nma-pod-route-missing', 'nma-pod-rule-missing']

/** These keep some packets from some pods, or none: that depends on what they say. */
const DOUBTFUL: readonly MessageId[] = [
  'nma-unexpected-reject-rule',
  'nma-mac-address-policy',
  'nma-network-sysctl',
  'network-manager-interferes',
  'npd-iptables-mixed',
]

/** Somebody other than the network plugin changed routes, rules or interfaces of a node. */
export const nodeFirewallTampering: Rule<'node-firewall-tampering'> = {
  id: 'node-firewall-tampering',
  title: 'Routes, rules or interfaces of a node were changed',
  domain: 'network',
  needs: ['nodes'],
  helps: ['events', 'node-logs'],
  explains: ['errors', 'slow', 'not-ready', 'not-starting', 'node-unhealthy', 'warnings'],
  explain: {
    mechanism:
      'The network plugin writes routes, rules and addresses on the node. A security agent, an update of the system, nm-cloud-setup or a restart of systemd-networkd removes or overrules them, and some or all pods of that node lose their connections while other nodes are fine.',
    proof: [
      'The node monitoring agent names what is missing or was added; compare ip rule, ip route and iptables-save with a healthy node.',
    ],
    lookAlikes: [
      'networkpolicy-blocks-traffic: a rule that the cluster asked for.',
      'cni-ipamd-down: new pods get no network, old ones keep theirs.',
    ],
    mitigate: [
      {
        says: 'Take the node out of use and replace it.',
        command: 'kubectl drain {node} --ignore-daemonsets',
        changes: true,
      },
    ],
    fix: [
      'Keep such agents and services off the image of the nodes, or tell them to leave the interfaces of the plugin alone.',
    ],
    links: ['https://docs.aws.amazon.com/eks/latest/userguide/node-health.html'],
  },
  *evaluate(incident) {
    const doubtful = new Set(faultsOfNodes(incident, ...DOUBTFUL).map(({ node }) => node.name))
    const isOfAll = incident.nodes.length > 1 && doubtful.size > incident.nodes.length / 2
    yield* tellOfNodes(incident, [...FATAL, ...MISSING, ...DOUBTFUL], ({ node, said }, { refs, hasCalls }) => ({
      ...judge(said, refs.length > 0, hasCalls && !isOfAll),
      says: `Something changed the network of ${node.name}: ${reasonsOf(said)}${isOfAll ? '; most nodes say so, which points at their image or a policy' : ''}.`,
    }))
  },
}

function judge(said: readonly Said[], hasSufferers: boolean, hasCalls: boolean): Pick<Finding, 'kind' | 'strength'> {
  if (said.some(({ id }) => FATAL.includes(id))) return { kind: 'cause', strength: 'strong' }
  if (said.some(({ id }) => MISSING.includes(id))) return { kind: hasSufferers ? 'cause' : 'risk', strength: 'strong' }
  return { kind: hasCalls ? 'cause' : 'risk', strength: 'weak' }
}

function reasonsOf(said: readonly Said[]): string {
  return [...new Set(said.map(({ reason, words }) => reason || words))].slice(0, 4).join(', ')
}
