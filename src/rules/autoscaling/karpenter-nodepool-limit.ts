import { shorten } from '../../incident/telling.ts'
import type { Rule } from '../rule.ts'
import { noNodeFor } from './no-node.ts'

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
    yield* noNodeFor(
      incident,
      ['karpenter-nodepool-limit'],
      'proof',
      ({ said }) =>
        `Karpenter makes no node, because the limits of a NodePool are used up: ${shorten(said.at(-1)?.text ?? '', 240)}`,
    )
  },
}
