import { shorten } from '../../incident/telling.ts'
import type { Rule } from '../rule.ts'
import { noNodeFor } from './no-node.ts'

/** The cloud has none of the machines that were asked for. */
export const capacityUnavailableIce: Rule<'capacity-unavailable-ice'> = {
  id: 'capacity-unavailable-ice',
  title: 'The cloud has no capacity of the wanted kind',
  domain: 'autoscaling',
  needs: ['pods'],
  helps: ['events', 'aws-autoscaling', 'nodeclaims.karpenter.sh'],
  explains: ['unscheduled', 'rollout-stalled', 'no-endpoints', 'not-scaling', 'unhealthy-condition'],
  explain: {
    mechanism:
      'The zone has no machine left of the types that may be ordered. Quotas and limits are fine, and asking again helps only when somebody else gives one back.',
    proof: [
      'GCE out of resources in an event FailedScaleUp of GKE; ZonalAllocationFailed, AllocationFailed or SkuNotAvailable of Azure.',
      'InsufficientInstanceCapacity, InsufficientCapacityError or UnfulfillableCapacity in events of NodeClaims or in activities of the group.',
    ],
    lookAlikes: [
      'aws-quota-exceeded: the account may not have more, whatever there is.',
      'karpenter-nodepool-limit, ca-cannot-scale-up: our own limits.',
    ],
    mitigate: [{ says: 'Allow more instance types and zones.', changes: true }],
    fix: ['Let NodePools and groups choose among many types and all zones, and reserve what must be there.'],
    links: ['https://repost.aws/knowledge-center/ec2-insufficient-capacity-errors'],
  },
  *evaluate(incident) {
    yield* noNodeFor(
      incident,
      ['capacity-unavailable-ice', 'karpenter-insufficient-capacity'],
      'proof',
      ({ said }) => `The cloud has no machine of the wanted kind: ${shorten(said.at(-1)?.text ?? '', 240)}`,
    )
  },
}
