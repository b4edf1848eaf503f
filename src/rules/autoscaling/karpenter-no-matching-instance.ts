import type { Incident } from '../../incident/incident.ts'
import { is } from '../../incident/messages/index.ts'
import { parseKarpenterFailure } from '../../incident/messages/karpenter-failure.ts'
import { shorten } from '../../incident/telling.ts'
import { isCurrent } from '../recency.ts'
import type { Rule } from '../rule.ts'
import { type NoNode, noNodeFor } from './no-node.ts'

/** Pods wait because no machine that a NodePool allows fits them. */
export const karpenterNoMatchingInstance: Rule<'karpenter-no-matching-instance'> = {
  id: 'karpenter-no-matching-instance',
  title: 'No machine that Karpenter may order fits the pods',
  domain: 'autoscaling',
  needs: ['pods'],
  helps: ['events', 'nodepools.karpenter.sh'],
  explains: ['unscheduled', 'rollout-stalled', 'no-endpoints', 'not-scaling'],
  explain: {
    mechanism:
      'What the pod asks for, an architecture, a zone, a size, a label, is not among what the NodePools allow. Karpenter says for each NodePool what does not fit.',
    proof: [
      'Events of Karpenter with incompatible requirements, a taint that is not tolerated, or no instance type that met the requirements.',
    ],
    lookAlikes: [
      'karpenter-nodepool-limit: the limits are used up.',
      'capacity-unavailable-ice: the cloud has no machine.',
      'affinity-or-selector-mismatch: the same fault, as the scheduler says it of the nodes that are there.',
    ],
    mitigate: [{ says: 'Widen the requirement that the event names, of the pod or of the NodePool.', changes: true }],
    fix: ['Test that every class of pods fits some NodePool when either is changed.'],
    links: ['https://karpenter.sh/docs/troubleshooting/'],
  },
  *evaluate(incident) {
    yield* noNodeFor(
      incident,
      [
        'karpenter-no-matching-instance',
        'karpenter-incompatible-requirements',
        'karpenter-taint',
        'karpenter-no-instance-types',
        'karpenter-min-values',
        'karpenter-no-nodepools',
      ],
      'proof',
      ({ said }) => `Karpenter finds no machine that fits: ${shorten(said.at(-1)?.text ?? '', 240)}`,
      (found) => whyNot(incident, found),
    )
  },
}

/** A pool that would fit and is full, or a cloud that is: the pools that do not fit the pod were never meant for it. */
function whyNot(incident: Incident, { said }: NoNode): string | undefined {
  const last = said.at(-1)
  const pools = parseKarpenterFailure(last?.text ?? '')
  if (pools.some(({ kind }) => kind === 'limits')) return 'One NodePool would fit its pods and is at its limits.'
  const isCloud = incident
    .said('karpenter-insufficient-capacity', 'capacity-unavailable-ice')
    .some((one) => isCurrent(incident, one))
  if (isCloud && last && is(last.text, 'karpenter-no-offering'))
    return 'Machines fit its pods, and the cloud has none of them.'
  return undefined
}
