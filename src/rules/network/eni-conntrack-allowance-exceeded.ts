import type { Rule } from '../rule.ts'
import { describeSuffering, tellOfNodes } from './node-faults.ts'

/** The network interface of the cloud tracks as many connections as the machine type may, and lets no new one through. */
export const eniConntrackAllowanceExceeded: Rule<'eni-conntrack-allowance-exceeded'> = {
  id: 'eni-conntrack-allowance-exceeded',
  title: 'The network interface tracks as many connections as it may',
  domain: 'network',
  seeds: ['KIA 2.9.5'],
  needs: ['nodes'],
  helps: ['events', 'ena-counters', 'aws-ec2'],
  explains: ['errors', 'slow', 'not-ready', 'crashing', 'warnings'],
  explain: {
    mechanism:
      'Security groups remember connections outside the machine, up to an allowance of its type. Beyond that no new connection comes up, while those that exist work. Idle connections that nobody closed count for days on older machines.',
    proof: [
      'conntrack_allowance_exceeded of ethtool -S grows between two readings; the node monitoring agent says ConntrackExceeded.',
    ],
    lookAlikes: [
      'conntrack-table-full: the table of the kernel is full.',
      'ena-bandwidth-or-pps-exceeded: packets are delayed and dropped, and TCP gets over it.',
    ],
    mitigate: [
      { says: 'Move load off the node.', command: 'kubectl cordon {node}', changes: true },
      { says: 'Lower TcpEstablishedTimeout of the interface, so that idle connections are forgotten.', changes: true },
    ],
    fix: ['Use larger machines, security group rules that need no tracking, and pools of connections.'],
    links: ['https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html'],
  },
  *evaluate(incident) {
    yield* tellOfNodes(incident, ['nma-eni-conntrack-exceeded'], ({ node }, suffering) => ({
      kind: suffering.refs.length > 0 ? 'cause' : 'risk',
      strength: suffering.refs.length > 0 ? 'proof' : 'strong',
      says: `The network interface of ${node.name} tracked as many connections as it may, and refused new ones; ${describeSuffering(suffering)}.`,
    }))
  },
}
