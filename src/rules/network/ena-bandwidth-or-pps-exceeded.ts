import { atLeastOne } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { NodeKernel } from '../../incident/kernel/node.ts'
import type { Finding, Rejection, Rule } from '../rule.ts'
import { type CountedFault, joinCounted, rejectGrown } from './counted-faults.ts'
import { addGrowth, type Grown, tellGrown } from './grown.ts'
import { describeSuffering, tellOfNodes } from './node-faults.ts'
import { repeatedMore } from './repeated.ts'

/** A machine sends or receives more than its type may: packets wait and are dropped. */
export const enaBandwidthOrPpsExceeded: Rule<'ena-bandwidth-or-pps-exceeded'> = {
  id: 'ena-bandwidth-or-pps-exceeded',
  title: 'A node exceeds its bandwidth or packets per second',
  domain: 'network',
  seeds: ['KIA 2.9', 'KIA 7.4.2'],
  needs: ['nodes'],
  helps: ['events', 'ena-counters'],
  explains: ['slow', 'warnings'],
  explain: {
    mechanism:
      'Each machine type has a limit of bytes and packets. Bursts beyond it, from image pulls, backups or one loud pod, are queued and then dropped. TCP repeats what is lost, so that calls get slow rather than fail.',
    proof: [
      'bw_in_allowance_exceeded, bw_out_allowance_exceeded or pps_allowance_exceeded of ethtool -S grow between two readings.',
    ],
    lookAlikes: ['eni-conntrack-allowance-exceeded: new connections fail, they are not only slow.'],
    mitigate: [{ says: 'Move the loudest pod to a node of its own.', changes: true }],
    fix: ['Use machine types with more network, the ones with n in their name, and spread what transfers much.'],
    links: ['https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-network-performance-ena.html'],
  },
  *evaluate(incident) {
    const ids = ['nma-bandwidth-in-exceeded', 'nma-bandwidth-out-exceeded', 'nma-packets-exceeded'] as const
    const told = tellOfNodes(incident, ids, ({ node, said }) => ({
      kind: 'amplifier',
      strength: 'strong',
      says: `${node.name} moved more than its machine type may (${[...new Set(said.map(({ reason }) => reason))].join(', ')}).`,
    }))
    yield* joinCounted(incident, told, { read: readMost, describe: (fault) => describeCounted(incident, fault) })
  },
}

/**
 * Packets a second above each allowance that are worth a word: what the node monitoring agent of EKS tells of, a burst within its five minutes
 * (180, 100 and 320). Fewer are bursts of a moment, which TCP does not feel.
 */
const NOTABLE = {
  bw_in_allowance_exceeded: 180 / 300,
  bw_out_allowance_exceeded: 100 / 300,
  pps_allowance_exceeded: 320 / 300,
} as const

const COUNTERS = ['bw_in_allowance_exceeded', 'bw_out_allowance_exceeded', 'pps_allowance_exceeded'] as const

/** The allowance that was exceeded most, against what is notable of it. */
function readMost(kernel: NodeKernel): Grown | undefined {
  const grown = COUNTERS.flatMap((name) => addGrowth(name, kernel.allowance(name)) ?? [])
  return grown.sort((a, b) => shareOf(b) - shareOf(a))[0]
}

function shareOf({ name, perSecond }: Grown): number {
  return perSecond / NOTABLE[name as keyof typeof NOTABLE]
}

function describeCounted(incident: Incident, fault: CountedFault): Finding | Rejection {
  const { node, grown, suffering, alike } = fault
  if (shareOf(grown) < 1) return rejectGrown(fault, 'bursts of a moment, which TCP gets over')
  const isFelt = suffering.refs.length > 0 && alike === undefined
  const repeated = repeatedMore(incident, node.name)
  return {
    kind: isFelt ? 'amplifier' : 'risk',
    subject: node,
    strength: isFelt && suffering.hasCalls ? 'strong' : 'weak',
    from: undefined,
    says: `${node.name} moves more than its machine type may: ${tellGrown(grown)}${repeated ? `, and ${repeated.says}` : ''}; ${describeSuffering(suffering)}.`,
    cites: atLeastOne([...grown.cites, ...(repeated?.cites ?? [])]),
    affects: suffering.refs,
    ...(alike ? { against: [alike] } : {}),
  }
}
