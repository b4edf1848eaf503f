import { dropNewConnections } from '../cluster/node.ts'
import { PLACE } from '../cluster/place.ts'
import { reportProblem } from './node-problems.ts'
import { pass, type Story, waitForLogs } from './story.ts'

const NODE = `${PLACE.node}2`

/** As the kernel writes it (net/netfilter/nf_conntrack_core.c), its prefix included. */
const KERNEL = {
  source: 'kernel-monitor',
  reason: 'ConntrackTableFull',
  message: 'nf_conntrack: nf_conntrack: table full, dropping packet',
}

/** As the script of node-problem-detector says it (config/plugin/network_problem.sh). */
const SCRIPT = { source: 'network-custom-plugin-monitor', reason: 'ConntrackFull', message: 'Conntrack table full' }

/**
 * The table of connections of a node is full: what begins is dropped, what is established goes on. The kernel's limit is one for the whole
 * machine, so the packets are dropped by a rule, and what the kernel would write is told by the recorder.
 */
export const newConnectionsDroppedOnOneNode: Story = {
  name: 'new-connections-dropped-on-one-node',
  async tell() {
    dropNewConnections('2', 5)
    await pass(5)
    for (let count = 1; count <= 6; count++) {
      await reportProblem(NODE, KERNEL, 7 * count)
      await reportProblem(NODE, SCRIPT, count)
      await pass(20)
    }
    await waitForLogs('calls without an answer', ['storefront', 'web'], /no answer within/, 20)
    await reportProblem(NODE, KERNEL, 50)
  },
}
