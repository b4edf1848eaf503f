import { shorten } from '../../incident/telling.ts'
import type { Rule } from '../rule.ts'
import { noNodeFor } from './no-node.ts'

/** An account has as much of something as it may. */
export const awsQuotaExceeded: Rule<'aws-quota-exceeded'> = {
  id: 'aws-quota-exceeded',
  title: 'A quota of the cloud account is used up',
  domain: 'autoscaling',
  seeds: ['KIA 7.5'],
  needs: ['pods'],
  helps: ['events', 'aws-quotas'],
  explains: ['unscheduled', 'rollout-stalled', 'no-endpoints', 'not-scaling'],
  explain: {
    mechanism:
      'The account may only have so many virtual CPUs, addresses, interfaces or load balancers in a region. At that size every request for more is refused, always at the same point.',
    proof: [
      'VcpuLimitExceeded, InstanceLimitExceeded, AddressLimitExceeded, NetworkInterfaceLimitExceeded, MaxSpotInstanceCountExceeded or TooManyTargets.',
    ],
    lookAlikes: [
      'capacity-unavailable-ice: there is none, for anybody.',
      'quota-or-limitrange-exceeded: a quota of a namespace.',
    ],
    mitigate: [{ says: 'Ask for a higher quota, and free what nobody uses.', changes: true }],
    fix: ['Watch quotas with alarms, well below their end.'],
    links: ['https://docs.aws.amazon.com/servicequotas/latest/userguide/intro.html'],
  },
  *evaluate(incident) {
    yield* noNodeFor(
      incident,
      ['aws-quota-exceeded', 'spot-quota'],
      'proof',
      ({ said }) => `A quota of the cloud account is used up: ${shorten(said.at(-1)?.text ?? '', 240)}`,
    )
  },
}
