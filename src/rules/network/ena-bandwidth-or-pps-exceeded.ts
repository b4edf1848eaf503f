import type { Rule } from '../rule.ts'
import { tellOfNodes } from './node-faults.ts'

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
    yield* tellOfNodes(incident, ids, ({ node, said }) => ({
      kind: 'amplifier',
      strength: 'strong',
      says: `${node.name} moved more than its machine type may (${[...new Set(said.map(({ reason }) => reason))].join(', ')}).`,
    }))
  },
}
