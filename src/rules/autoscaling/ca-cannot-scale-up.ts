import { parseNotTriggered } from '../../incident/messages/not-triggered.ts'
import type { Said } from '../../incident/statement.ts'
import { shorten } from '../../incident/telling.ts'
import type { Rule } from '../rule.ts'
import { noNodeFor } from './no-node.ts'

/** Pods wait, and the cluster autoscaler has no group that it may grow for them. */
export const caCannotScaleUp: Rule<'ca-cannot-scale-up'> = {
  id: 'ca-cannot-scale-up',
  title: 'The cluster autoscaler cannot add a node',
  domain: 'autoscaling',
  seeds: ['KIA 7.2.2A', 'KIA 11.8.2'],
  needs: ['pods'],
  helps: ['events', 'aws-autoscaling'],
  explains: ['unscheduled', 'rollout-stalled', 'no-endpoints', 'not-scaling'],
  explain: {
    mechanism:
      'A pod has no node, and every node group is at its largest size, does not fit the pod, or failed to grow and is left alone for a while. Nothing changes until one of these does.',
    proof: [
      'An event NotTriggerScaleUp names the reason for each node group, or the autoscaler says that a scale-up failed.',
    ],
    lookAlikes: [
      'insufficient-cpu-memory: what the pods ask for; this is why no node comes.',
      'capacity-unavailable-ice, aws-quota-exceeded: the cloud refuses the machine.',
      'affinity-or-selector-mismatch: no group would ever fit the pod.',
    ],
    mitigate: [{ says: 'Raise the largest size of the group that fits.', changes: true }],
    fix: ['Keep room below the largest size of node groups, and alert when one reaches it.'],
    links: ['https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md'],
  },
  *evaluate(incident) {
    yield* noNodeFor(
      incident,
      [
        'ca-cannot-scale-up',
        'node-group-max-size',
        'cluster-max-size',
        'node-group-in-backoff',
        'node-group-not-ready',
        'ca-scale-up-failed',
        'ca-scale-up-timed-out',
        'ca-scale-up-failing',
      ],
      'strong',
      ({ said }) => `The cluster autoscaler adds no node: ${shorten(said.at(-1)?.text ?? '', 240)}`,
      ({ said }) =>
        said.every(fitsNoGroup)
          ? 'No node group would ever fit its pods, whatever its size: it is what they demand.'
          : undefined,
    )
  },
}

/** Reasons that are of the groups themselves: with other limits, or at another time, they would give a node. */
const OF_GROUPS = new Set(['max-size', 'backoff', 'not-ready', 'cluster-limit'])

/** Whether all that the autoscaler says is what a scheduler would say of the nodes that would come. */
function fitsNoGroup({ text }: Said): boolean {
  const reasons = parseNotTriggered(text)
  return reasons !== undefined && reasons.length > 0 && !reasons.some(({ kind }) => OF_GROUPS.has(kind))
}
