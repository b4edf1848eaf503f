import type { MessageId } from '../../incident/messages/index.ts'
import type { Said } from '../../incident/statement.ts'
import type { Rule } from '../rule.ts'
import { tellOfNodes } from './node-faults.ts'

/** Without these a node, or its pods, cannot be reached at all. */
const BROKEN: readonly MessageId[] = [
  'nma-default-route-missing',
  'nma-pod-route-missing',
  'nma-pod-rule-missing',
  'nma-interface-not-up',
  'nma-interface-not-running',
  'nma-loopback-missing',
]

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
    yield* tellOfNodes(incident, [...BROKEN, ...DOUBTFUL], (name, said, hasSufferers) => {
      const isBroken = said.some(({ id }) => BROKEN.includes(id))
      return {
        kind: isBroken || hasSufferers ? 'cause' : 'risk',
        strength: isBroken ? 'strong' : 'weak',
        says: `Something changed the network of ${name}: ${reasonsOf(said)}.`,
      }
    })
  },
}

function reasonsOf(said: readonly Said[]): string {
  return [...new Set(said.map(({ reason, words }) => reason || words))].slice(0, 4).join(', ')
}
