import { atLeastOne } from '../../incident/citation.ts'
import { citeReading } from '../../incident/counters/reading.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Finding, Rule } from '../rule.ts'
import { type CountedFault, joinCounted, weighCounted } from './counted-faults.ts'
import { addGrowth, tellGrown } from './grown.ts'
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
    const told = tellOfNodes(incident, ['nma-eni-conntrack-exceeded'], ({ node }, suffering) => ({
      kind: suffering.refs.length > 0 ? 'cause' : 'risk',
      strength: suffering.refs.length > 0 ? 'proof' : 'strong',
      says: `The network interface of ${node.name} tracked as many connections as it may, and refused new ones; ${describeSuffering(suffering)}.`,
    }))
    yield* joinCounted(incident, told, {
      read: (kernel) => addGrowth(COUNTER, kernel.allowance(COUNTER)),
      describe: (fault) => describeCounted(incident, fault),
    })
  },
}

const COUNTER = 'conntrack_allowance_exceeded'

/** A machine whose table is full refuses every new connection, and each of them asks again: fewer packets than these were a moment (judgement). */
const FEW = 10

function describeCounted(incident: Incident, fault: CountedFault): Finding {
  const { node, grown, suffering } = fault
  return {
    ...weighCounted(fault, FEW),
    subject: node,
    from: undefined,
    says: `The network interfaces of ${node.name} track as many connections as they may, and refuse new ones: ${tellGrown(grown)}${tellLeft(incident, node.name)}; ${describeSuffering(suffering)}.`,
    cites: atLeastOne([...grown.cites, ...leftOf(incident, node.name).map(citeReading)]),
    affects: suffering.refs,
  }
}

/** How many more connections may be tracked, where the driver tells it: of the interface that has the fewest. */
function leftOf(incident: Incident, node: string) {
  const left = (incident.kernel.of(node)?.allowance('conntrack_allowance_available') ?? []).map(({ last }) => last)
  return left.sort((a, b) => a.value - b.value).slice(0, 1)
}

function tellLeft(incident: Incident, node: string): string {
  const [left] = leftOf(incident, node)
  return left ? `, and ${left.value} more may be tracked` : ''
}
