import { atLeastOne } from '../../incident/citation.ts'
import { citeReading } from '../../incident/counters/reading.ts'
import type { Incident } from '../../incident/incident.ts'
import { FAMILIES, type Family } from '../../incident/kernel/neighbours.ts'
import type { NodeKernel } from '../../incident/kernel/node.ts'
import type { Finding, Rule } from '../rule.ts'
import { type CountedFault, joinCounted, weighCounted } from './counted-faults.ts'
import { addGrowth, type Grown, tellGrown } from './grown.ts'
import { describeSuffering, tellOfNodes, weighTold } from './node-faults.ts'

/** The kernel cannot remember the hardware address of one more neighbour. */
export const arpNeighborTableOverflow: Rule<'arp-neighbor-table-overflow'> = {
  id: 'arp-neighbor-table-overflow',
  title: 'The neighbour table of a node is full',
  domain: 'network',
  needs: ['nodes'],
  helps: ['events', 'kernel-log', 'kernel-network'],
  explains: ['errors', 'slow', 'not-ready', 'warnings'],
  explain: {
    mechanism:
      'In a large flat network a node talks to very many addresses directly and keeps an entry for each. Above gc_thresh3, 1024 by default, new entries are refused: packets to neighbours it has not just talked to vanish, lookups of names first.',
    proof: [
      'The kernel wrote neighbor table overflow.',
      'table_fulls of /proc/net/stat/arp_cache, or of ndisc_cache for IPv6, grows between two readings.',
    ],
    lookAlikes: ['conntrack-table-full: the same symptoms, and the kernel names nf_conntrack.'],
    mitigate: [{ says: 'Raise net.ipv4.neigh.default.gc_thresh1 to gc_thresh3 on the nodes.', changes: true }],
    fix: ['Set the thresholds in the image of the nodes by the size of the network, or use smaller subnets.'],
    links: ['https://www.kernel.org/doc/html/latest/networking/ip-sysctl.html'],
  },
  *evaluate(incident) {
    const told = tellOfNodes(incident, ['arp-neighbor-table-overflow'], ({ node }, suffering) => ({
      kind: 'cause',
      strength: weighTold(incident, node.name, suffering),
      says: `The neighbour table of ${node.name} is full, and packets to further neighbours are dropped.`,
    }))
    yield* joinCounted(incident, told, { read: readFulls, describe: (fault) => describeCounted(incident, fault) })
  },
}

/** Whoever finds no room asks again: fewer refusals than these were a moment, until old entries made room (judgement). */
const FEW = 10

/** How often there was no room for another neighbour (net/core/neighbour.c, neigh_alloc), in the table where that was most. */
function readFulls(kernel: NodeKernel): Grown | undefined {
  const fulls = FAMILIES.flatMap((family) => fullsOf(kernel, family) ?? [])
  return fulls.sort((a, b) => b.delta - a.delta)[0]
}

function fullsOf(kernel: NodeKernel, family: Family): Grown | undefined {
  return addGrowth(`table_fulls of ${family}`, [kernel.neighbours(family, 'table_fulls')])
}

function describeCounted(incident: Incident, fault: CountedFault): Finding {
  const { node, grown, suffering } = fault
  const room = roomOf(incident, node.name, grown)
  return {
    ...weighCounted(fault, FEW),
    subject: node,
    from: undefined,
    says: `The neighbour table of ${node.name} is full, and packets to further neighbours are dropped: ${tellGrown(grown)}${room.says}; ${describeSuffering(suffering)}.`,
    cites: atLeastOne([...grown.cites, ...room.cites]),
    affects: suffering.refs,
  }
}

/** `, with 1024 entries of 1024`; nothing where the limit was not read. */
function roomOf(incident: Incident, node: string, grown: Grown) {
  const kernel = incident.kernel.of(node)
  const family = FAMILIES.find((one) => grown.name.endsWith(one)) ?? 'ipv4'
  const entries = kernel?.neighbours(family, 'entries')?.last
  const most = kernel?.setting(`${family}/neigh/default/gc_thresh3`)
  if (!entries || !most) return { says: '', cites: [] }
  return { says: `, with ${entries.value} entries of ${most.value}`, cites: [citeReading(entries), citeReading(most)] }
}
