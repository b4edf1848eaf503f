import type { MessageId } from '../../incident/messages/index.ts'
import type { Rule } from '../rule.ts'
import { describeSuffering, tellOfNodes } from './node-faults.ts'

/** The kernel's table of connections is full, and packets of new ones are dropped. */
export const conntrackTableFull: Rule<'conntrack-table-full'> = {
  id: 'conntrack-table-full',
  title: 'The connection table of a node is full',
  domain: 'network',
  seeds: ['KIA 1.11.1'],
  needs: ['nodes'],
  helps: ['events', 'kernel-log', 'conntrack'],
  explains: ['errors', 'slow', 'not-ready', 'crashing', 'node-unhealthy', 'warnings'],
  explain: {
    mechanism:
      'The kernel remembers every connection through a node, those of Services and DNS included. When nf_conntrack_max of them are remembered, packets that begin another are dropped: all pods of the node see random timeouts, worst in bursts, while established connections work.',
    proof: [
      'The kernel wrote nf_conntrack: table full, dropping packet; the node monitoring agent says ConntrackExceededKernel.',
      'ConntrackFull of node-problem-detector means that more than 90 % is used: a risk, until calls fail.',
    ],
    lookAlikes: [
      'eni-conntrack-allowance-exceeded: the table of the machine has room, the network interface of the cloud has not.',
      'dns-conntrack-race-5s: single lookups take five seconds, and the table is not full.',
    ],
    mitigate: [
      { says: 'Move connections off the node.', command: 'kubectl cordon {node}', changes: true },
      {
        says: 'Raise net.netfilter.nf_conntrack_max on the node, or conntrack.maxPerCore of kube-proxy.',
        changes: true,
      },
    ],
    fix: ['Let clients keep connections and use pools; spread proxies that hold many connections over nodes.'],
    links: ['https://www.kernel.org/doc/html/latest/networking/nf_conntrack-sysctl.html'],
  },
  *evaluate(incident) {
    yield* tellOfNodes(incident, [...DROPPING, 'npd-conntrack-full'], ({ node, said }, suffering) =>
      said.some(({ id }) => DROPPING.includes(id))
        ? {
            kind: 'cause',
            strength: 'proof',
            says: `The connection table of ${node.name} is full, and its kernel drops packets of new connections; ${describeSuffering(suffering)}.`,
          }
        : {
            kind: suffering.hasCalls ? 'cause' : 'risk',
            strength: suffering.hasCalls ? 'strong' : 'weak',
            says: `The connection table of ${node.name} is more than nine tenths full, and ${suffering.hasCalls ? 'calls of its pods get no answer' : 'nothing is known to be dropped'}.`,
            missing: ['the log of the kernel (kernel-log), which says when packets are dropped'],
          },
    )
  },
}

/** The kernel says that it drops packets; node-problem-detector tells only that more than 90 % is used (config/plugin/network_problem.sh). */
const DROPPING: readonly MessageId[] = ['conntrack-table-full', 'nma-conntrack-table-full']
