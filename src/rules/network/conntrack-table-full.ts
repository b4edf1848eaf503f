import { atLeastOne } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { MessageId } from '../../incident/messages/index.ts'
import type { Claim, Finding, Rejection, Rule } from '../rule.ts'
import { equallyFull, type FullTable, fullTable, hasOwnCalls, sufferingElsewhere } from './connection-tables.ts'
import { answerableCalls } from './network-sufferers.ts'
import { describeSuffering, type Suffering, sufferingOf, tellOfNodes, weighTold } from './node-faults.ts'

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
      'nf_conntrack_count is near nf_conntrack_max, and in /proc/net/stat/nf_conntrack drop grows by more than insert_failed, or early_drop grows, while calls get no answer. search_restart and insert_failed are no signs of it.',
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
    const told = new Set<string>()
    for (const one of tellWords(incident)) {
      if (one.kind === 'rejected') yield one
      else yield withTable(incident, one)
      if (one.kind !== 'rejected') told.add(one.subject.name)
    }
    for (const { node } of incident.connections.nodes) {
      const table = fullTable(incident, node)
      if (table && !told.has(node)) yield describeTable(incident, table)
    }
  },
}

/** What the kernel, or somebody on the node, says in words. */
function tellWords(incident: Incident): Iterable<Finding | Rejection> {
  return tellOfNodes(incident, [...DROPPING, 'npd-conntrack-full'], ({ node, said }, suffering) =>
    said.some(({ id }) => DROPPING.includes(id))
      ? {
          kind: 'cause',
          strength: weighTold(incident, node.name, suffering),
          says: `The connection table of ${node.name} is full, and its kernel drops packets of new connections; ${describeSuffering(suffering)}.`,
        }
      : {
          kind: suffering.hasCalls ? 'cause' : 'risk',
          strength: suffering.hasCalls ? 'strong' : 'weak',
          says: `The connection table of ${node.name} is more than nine tenths full, and ${suffering.hasCalls ? 'calls of its pods get no answer' : 'nothing is known to be dropped'}.`,
          missing: ['the log of the kernel (kernel-log), which says when packets are dropped'],
        },
  )
}

/** What was said in words, beside what the kernel counts. */
function withTable(incident: Incident, told: Finding): Finding {
  const { name } = told.subject
  const table = fullTable(incident, name)
  // Where the kernel itself says that it drops packets, nothing is missing.
  if (told.missing === undefined) {
    const cites = atLeastOne([...told.cites, ...(table?.cites ?? [])])
    return table ? { ...told, says: `${told.says.slice(0, -1)}; ${table.says}.`, cites } : told
  }
  const idle = idleTable(incident, name)
  if (!table) return idle.length === 0 ? told : { ...told, strength: 'weak', against: idle, missing: [] }
  const counted = describeTable(incident, table)
  return { ...counted, from: told.from, to: told.to, cites: atLeastOne([...counted.cites, ...told.cites]) }
}

/** Two samples between which the kernel had room for all. */
function idleTable({ connections }: Incident, name: string): readonly Claim[] {
  const dropped = connections.of(name)?.table.growth('drop')
  if (dropped?.delta !== 0) return []
  return [{ says: `Its kernel dropped nothing within ${Math.round(dropped.seconds)} s.`, cites: dropped.cites }]
}

/** What the kernel counts, without a word from anybody. */
function describeTable(incident: Incident, table: FullTable): Finding {
  const subject = { kind: 'Node', name: table.node }
  const suffering = sufferingOf(incident, table.node)
  return {
    subject,
    ...weigh(incident, table, suffering),
    from: undefined,
    says: `The connection table of ${table.node} is ${WORDS[table.state]}: ${table.says}; ${describeSuffering(suffering)}.`,
    cites: atLeastOne(table.cites),
    against: [...againstOf(incident, table), ...sufferingElsewhere(incident, table.node)],
    missing: table.state === 'full' ? ['a second sample of its counters, which says what it drops (conntrack)'] : [],
    affects: suffering.refs,
  }
}

function againstOf(incident: Incident, table: FullTable): readonly Claim[] {
  const control = table.state === 'dropping' || table.state === 'evicting' ? equallyFull(incident, table) : undefined
  if (!control) return []
  const says = `So it is on ${control.node}, where nobody suffers: ${control.says}.`
  return [{ says, cites: atLeastOne(control.cites) }]
}

/** Only calls without an answer show what packets that are dropped come to; entries that are thrown out for others need not be missed. */
function weigh(
  incident: Incident,
  { node, state }: FullTable,
  { hasCalls, refs }: Suffering,
): Pick<Finding, 'kind' | 'strength'> {
  if (state === 'dropping')
    return { kind: refs.length > 0 ? 'cause' : 'risk', strength: hasOwnCalls(incident, node) ? 'proof' : 'strong' }
  const isCause = hasCalls && state !== 'roomy'
  const isStrong = isCause && answerableCalls(incident, node).length > 0
  return { kind: isCause ? 'cause' : 'risk', strength: isStrong ? 'strong' : 'weak' }
}

const WORDS: Readonly<Record<FullTable['state'], string>> = {
  dropping: 'full, and packets of new connections are dropped',
  evicting: 'full, and others are forgotten for new ones',
  full: 'nearly full',
  roomy: 'nearly full, and nothing was dropped yet',
}

/** The kernel says that it drops packets; node-problem-detector tells only that more than 90 % is used (config/plugin/network_problem.sh). */
const DROPPING: readonly MessageId[] = ['conntrack-table-full', 'nma-conntrack-table-full']
