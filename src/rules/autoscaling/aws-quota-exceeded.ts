import type { Incident } from '../../incident/incident.ts'
import { uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { shorten } from '../../incident/telling.ts'
import { onePerSubject } from '../one-per-subject.ts'
import { isCurrent } from '../recency.ts'
import type { Finding, Rule } from '../rule.ts'
import { noNodeFor } from './no-node.ts'

/** An account has as much of something as it may. */
export const awsQuotaExceeded: Rule<'aws-quota-exceeded'> = {
  id: 'aws-quota-exceeded',
  title: 'A quota of the cloud account is used up',
  domain: 'autoscaling',
  seeds: ['KIA 7.5'],
  needs: ['pods'],
  helps: ['events', 'aws-quotas'],
  explains: ['unscheduled', 'rollout-stalled', 'no-endpoints', 'not-scaling', 'volume-failing', 'unhealthy-condition'],
  explain: {
    mechanism:
      'The account may only have so many virtual CPUs, addresses, interfaces or load balancers in a region. At that size every request for more is refused, always at the same point.',
    proof: [
      'GCE quota exceeded in an event FailedScaleUp of GKE; QuotaExceeded, or "exceeding approved … quota", of Azure.',
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
    const others = incident.said('aws-quota-exceeded').filter((one) => isRefused(incident, one))
    yield* onePerSubject(others.map((one) => describeOther(incident, one)))
  },
}

/** What else the cloud makes for a cluster. */
const MADE: readonly string[] = ['Service', 'Ingress', 'TargetGroupBinding', 'PersistentVolumeClaim']

function isRefused(incident: Incident, said: Said): boolean {
  return MADE.includes(said.about.kind) && isCurrent(incident, said)
}

function describeOther(incident: Incident, { about, first, text, citation }: Said): Finding {
  const users =
    about.kind === 'PersistentVolumeClaim' ? incident.usersOf('PersistentVolumeClaim', about.namespace, about.name) : []
  return {
    kind: 'cause',
    subject: about,
    strength: 'proof',
    from: first,
    says: `A quota of the cloud account is used up, so ${about.kind} ${about.name} does not get what it needs: ${shorten(text)}`,
    cites: [citation],
    affects: uniqueRefs(users.flatMap(({ ref, workload }) => [ref, workload])),
  }
}
