import type { Rule } from '../rule.ts'
import { tellOfNodes } from './node-faults.ts'

/** The kernel cannot remember the hardware address of one more neighbour. */
export const arpNeighborTableOverflow: Rule<'arp-neighbor-table-overflow'> = {
  id: 'arp-neighbor-table-overflow',
  title: 'The neighbour table of a node is full',
  domain: 'network',
  needs: ['nodes'],
  helps: ['events', 'kernel-log'],
  explains: ['errors', 'slow', 'not-ready', 'warnings'],
  explain: {
    mechanism:
      'In a large flat network a node talks to very many addresses directly and keeps an entry for each. Above gc_thresh3, 1024 by default, new entries are refused: packets to neighbours it has not just talked to vanish, lookups of names first.',
    proof: ['The kernel wrote neighbor table overflow.'],
    lookAlikes: ['conntrack-table-full: the same symptoms, and the kernel names nf_conntrack.'],
    mitigate: [{ says: 'Raise net.ipv4.neigh.default.gc_thresh1 to gc_thresh3 on the nodes.', changes: true }],
    fix: ['Set the thresholds in the image of the nodes by the size of the network, or use smaller subnets.'],
    links: ['https://www.kernel.org/doc/html/latest/networking/ip-sysctl.html'],
  },
  *evaluate(incident) {
    yield* tellOfNodes(incident, ['arp-neighbor-table-overflow'], ({ node }) => ({
      kind: 'cause',
      strength: 'proof',
      says: `The neighbour table of ${node.name} is full, and packets to further neighbours are dropped.`,
    }))
  },
}
