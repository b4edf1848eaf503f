import { cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { is } from '../../incident/messages/index.ts'
import { shorten } from '../../incident/telling.ts'
import { onePerSubject } from '../one-per-subject.ts'
import type { Finding, Rule } from '../rule.ts'
import { type NoNode, noNodeFor } from './no-node.ts'

/** Pods wait because a NodePool has used up its limits. */
export const karpenterNodepoolLimit: Rule<'karpenter-nodepool-limit'> = {
  id: 'karpenter-nodepool-limit',
  title: 'A Karpenter NodePool is at its limits',
  domain: 'autoscaling',
  needs: ['pods'],
  helps: ['events', 'nodepools.karpenter.sh'],
  explains: ['unscheduled', 'rollout-stalled', 'no-endpoints', 'not-scaling'],
  explain: {
    mechanism:
      'A NodePool may only hold so much CPU and memory in all. It holds that much, so Karpenter makes no node, whatever waits.',
    proof: [
      'Karpenter says that all available instance types exceed limits for the NodePool; status.resources is near spec.limits.',
    ],
    lookAlikes: [
      'karpenter-no-matching-instance: nothing that is allowed fits the pod.',
      'capacity-unavailable-ice: the cloud has no machine.',
    ],
    mitigate: [{ says: 'Raise the limits of the NodePool.', command: 'kubectl edit nodepool NODEPOOL', changes: true }],
    fix: ['Alert when a NodePool uses more than 80 % of its limits; drift can double what it holds for a while.'],
    links: ['https://karpenter.sh/docs/concepts/nodepools/'],
  },
  *evaluate(incident) {
    const found = [...noNodeFor(incident, ['karpenter-nodepool-limit'], 'proof', tell)]
    yield* found.filter((one) => one.kind === 'rejected')
    yield* onePerSubject(found.filter((one) => one.kind !== 'rejected').map((one) => ofPool(incident, one)))
  },
}

function tell({ said }: NoNode): string {
  return `Karpenter makes no node, because the limits of a NodePool are used up: ${shorten(said.at(-1)?.text ?? '', 240)}`
}

/** What is to be changed is the NodePool, whose pods may be of many workloads; old versions do not always name it. */
function ofPool(incident: Incident, finding: Finding): Finding {
  const words = finding.cites.map((one) => one.words).join(' ')
  const name = is(words, 'karpenter-nodepool-limit')?.values.nodepool ?? onlyPool(incident)
  if (name === undefined) return finding
  const pool = incident.find('NodePool', undefined, name)
  const [first, ...rest] = finding.cites
  const limits = pool ? [cite(pool, ['spec', 'limits'])] : []
  return { ...finding, subject: { kind: 'NodePool', name }, cites: [first, ...limits, ...rest] }
}

function onlyPool(incident: Incident): string | undefined {
  const pools = incident.objects('nodepools.karpenter.sh')
  return pools.length === 1 ? pools[0]?.ref.name : undefined
}
