import type { Rule } from '../rule.ts'
import { tellOfNodes } from './node-faults.ts'

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
      'The kernel wrote nf_conntrack: table full, dropping packet; node-problem-detector or the node monitoring agent repeats it as an event.',
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
    yield* tellOfNodes(
      incident,
      ['conntrack-table-full', 'nma-conntrack-table-full', 'npd-conntrack-full'],
      (name) => ({
        kind: 'cause',
        strength: 'proof',
        says: `The connection table of ${name} is full, and its kernel drops packets of new connections.`,
      }),
    )
  },
}
