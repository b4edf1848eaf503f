import type { Incident } from '../../incident/incident.ts'
import { count } from '../../incident/telling.ts'
import { type Rule, reject } from '../rule.ts'
import { agentOf, tellShortage, withCounted } from './address-shortage.ts'
import { agentSays } from './agent-log.ts'
import { type CountedShortage, countedShortages, nodeAtLimit } from './counted-addresses.ts'
import { lackOfAddresses } from './lack-of-addresses.ts'

/** Nodes do not get another network interface: permission, quota or the machine's own limit. */
export const eniAttachFailed: Rule<'eni-attach-failed'> = {
  id: 'eni-attach-failed',
  title: 'Nodes get no further network interface',
  domain: 'network',
  seeds: ['KIA 3.2.2B'],
  needs: ['pods'],
  helps: ['logs', 'cni-introspection', 'aws-ec2', 'aws-quotas', 'aws-cloudtrail'],
  explains: ['not-starting', 'rollout-stalled', 'no-endpoints', 'warnings', 'not-ready'],
  explain: {
    mechanism:
      'When the addresses of its interfaces are given away, a node of EKS asks EC2 for another interface. Without the permission, at the quota of the region, or with no device number left, it gets none, and pods placed there never start although the node is ready and the subnet has addresses.',
    proof: [
      'The log of aws-node says that an interface could not be made or attached: AttachmentLimitExceeded, no available device number, or not authorized for ec2:CreateNetworkInterface.',
      'It counts such answers between the samples; or the node has all interfaces that it may have (awscni_eni_max), with all their addresses given away, while pods are sent away: the kubelet takes more pods than the machine has addresses for.',
    ],
    lookAlikes: [
      'subnet-ip-exhaustion: the interface can be attached, and the subnet has no address.',
      'node-pod-density-limit: the node simply has its full number of pods.',
    ],
    mitigate: [
      { says: 'Keep new pods off such nodes.', command: 'kubectl cordon {node}', changes: true },
      {
        says: "Restore the policy AmazonEKS_CNI_Policy on the role that aws-node uses, or raise the region's quota.",
        changes: true,
      },
    ],
    fix: ['Keep the role of aws-node and the quota of network interfaces in the same plan as the size of the cluster.'],
    links: ['https://docs.aws.amazon.com/eks/latest/userguide/cni-iam-role.html'],
  },
  *evaluate(incident) {
    const said = agentSays(incident, 'eni-attach-failed', 'attachment-limit', 'aws-access-denied')
    const counted = limitsCounted(incident)
    if (said.said.length === 0 && counted.length === 0) return
    const failed = withCounted(said, counted)
    const full = lackOfAddresses(incident)
    if (full !== undefined)
      return yield reject(agentOf(incident), `Interfaces are refused for want of addresses: ${full}.`)
    if (failed.pods.length === 0)
      return yield reject(agentOf(incident), 'It got no further interface, and no pod waits for an address.')
    yield tellShortage(incident, failed, agentOf(incident), {
      strength: 'strong',
      says: `${count(failed.nodes.length, 'node')} got no further interface (${failed.said[0]?.words.slice(0, 120) ?? counted[0]?.says}); ${count(failed.pods.length, 'pod')} wait for an address.`,
      cites: counted.flatMap(({ cites }) => cites).slice(0, 3),
    })
  },
}

/** Nodes that EC2 refuses another interface, and nodes that may have no more, as their agents count it. */
function limitsCounted(incident: Incident): readonly CountedShortage[] {
  const full = incident.cni.nodes.flatMap(({ node }) => nodeAtLimit(incident, node) ?? [])
  return [...countedShortages(incident, 'limited'), ...full]
}
