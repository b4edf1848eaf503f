import { atLeastOne } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { count, earliest, latest, tellSpan, tellTime } from '../../incident/telling.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** A sick node that was replaced before anybody looked at it: what it could have told is gone. */
export const autorepairReplacedNode: Rule<'autorepair-replaced-node'> = {
  id: 'autorepair-replaced-node',
  title: 'A sick node was replaced, and its evidence with it',
  domain: 'healing',
  seeds: ['KIA 2.10'],
  needs: ['nodes', 'events'],
  helps: ['nodeclaims.karpenter.sh', 'aws-autoscaling', 'aws-cloudtrail', 'node-logs'],
  explains: [],
  explain: {
    mechanism:
      'Karpenter and managed node groups replace nodes that stay unhealthy for 10 to 30 minutes, and the cloud controller deletes nodes whose machine is gone. That heals the symptom and throws away the kernel log, the journal of the kubelet and the counters that would name the cause.',
    proof: [
      'A node was said to be not ready, then removed, and is no longer in the list of nodes, while no interruption by the cloud was announced.',
    ],
    lookAlikes: [
      'spot-interruption, instance-retirement-or-hardware: the cloud announced that it takes the machine.',
      'Scale-in or consolidation: the node was ready until it was removed.',
    ],
    mitigate: [
      { says: 'Capture within ten minutes of the next one; or suspend repair during an incident.', changes: true },
    ],
    fix: ['Ship kernel log and kubelet journal off the nodes, so that they outlive them.'],
    links: [
      'https://docs.aws.amazon.com/eks/latest/userguide/node-health.html',
      'https://karpenter.sh/docs/concepts/disruption/',
    ],
  },
  *evaluate(incident) {
    const removed = incident.said('node-removed', 'node-instance-gone', 'karpenter-disruption-terminating')
    for (const [, said] of Map.groupBy(removed.filter(isOfNode), ({ about }) => keyOf(nodeOf(about)))) {
      const node = nodeOf((said[0] as Said).about)
      if (incident.nodeOf(node.name)) continue
      const sick = incident
        .said('node-not-ready', 'node-silent')
        .filter((one) => one.about.name === node.name && isBefore(one, said))
      if (wasTaken(incident, node)) yield reject(node, 'The cloud took its machine, and said so.')
      else if (sick.length === 0) yield reject(node, 'It was removed, and nothing says that it was sick.')
      else yield describe(incident, node, sick, said)
    }
  },
}

function isOfNode({ about }: Said): boolean {
  return about.kind === 'Node'
}

function nodeOf({ name }: Ref): Ref {
  return { kind: 'Node', name }
}

function isBefore({ first = 0 }: Said, removed: readonly Said[]): boolean {
  return first <= (latest(removed.map(({ last }) => last)) ?? 0)
}

/** What says that the cloud took or stopped the machine, not who repairs nodes. */
const INTERRUPTED = [
  'karpenter-spot-interrupted',
  'karpenter-rebalance-recommended',
  'karpenter-machine-interrupted',
  'karpenter-interruption-termination',
] as const

function wasTaken(incident: Incident, { name }: Ref): boolean {
  return incident.said(...INTERRUPTED).some(({ about }) => about.name === name)
}

function describe(incident: Incident, node: Ref, sick: readonly Said[], removed: readonly Said[]): Finding {
  const from = earliest(sick.map(({ first }) => first))
  const gone = earliest(removed.map(({ first }) => first)) ?? incident.now
  const lost = incident.events
    .filter(({ host, about }) => host === node.name && about.kind === 'Pod')
    .map(({ about }) => about)
  return {
    kind: 'evidence-loss',
    subject: node,
    strength: 'strong',
    from,
    to: gone,
    says: `The node ${node.name} was not ready at ${tellTime(from)} and was removed ${tellSpan(gone - (from ?? gone))} later; its logs and counters are lost${lost.length > 0 ? `, with ${count(uniqueRefs(lost).length, 'pod')} that ran on it` : ''}.`,
    cites: atLeastOne([...sick.slice(0, 2), ...removed.slice(0, 2)].map(({ citation }) => citation)),
    affects: [node],
    missing: ['the journal and the kernel log of the node (node-logs, kernel-log)'],
  }
}
