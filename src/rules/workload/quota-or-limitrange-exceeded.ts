import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import { conditionOf } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import { recordAt } from '../../incident/kubernetes.ts'
import { findLacking, type Lacking } from '../../incident/lacking-pods.ts'
import { findFullQuota } from '../../incident/quota-room.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { count, earliest, shorten, tellNames } from '../../incident/telling.ts'
import { findRefusals, type Refused } from '../../incident/uncreated.ts'
import type { Finding, Rule } from '../rule.ts'

/** Pods that the namespace may not have: a quota is used up, or a limit range is not kept. */
export const quotaOrLimitrangeExceeded: Rule<'quota-or-limitrange-exceeded'> = {
  id: 'quota-or-limitrange-exceeded',
  title: 'A quota or a limit range of the namespace forbids the pods',
  domain: 'workload',
  needs: [],
  helps: ['events', 'resourcequotas', 'limitranges', 'deployments.apps'],
  explains: [
    'not-created',
    'not-ready',
    'no-endpoints',
    'rollout-stalled',
    'not-scaling',
    'job-failing',
    'volume-failing',
    'unhealthy-condition',
  ],
  explain: {
    mechanism:
      'The API server adds up what the pods of a namespace ask for, and refuses the next one that would exceed a ResourceQuota, that does not say what a quota counts, or that is outside a LimitRange. No pod appears, not even a Pending one: only the owner of the pods has an event. The surge of a rollout, finished pods that were not removed and piled-up jobs use up a quota without anybody meaning to.',
    proof: [
      'An event FailedCreate says exceeded quota with requested, used and limited; or must specify limits; or maximum cpu usage per Container is.',
      'The condition ReplicaFailure of the Deployment holds the same words for as long as it lasts; events are gone after an hour.',
      'status.used of the ResourceQuota is at its hard value: with what one pod of the template asks for it would be above, while the workload lacks pods.',
    ],
    lookAlikes: [
      'insufficient-cpu-memory: the pod exists and is Pending; the scheduler has no node.',
      'podsecurity-or-policy-rejected: a policy and not an amount.',
      'aws-quota-exceeded: a quota of the account, not of the namespace.',
    ],
    mitigate: [
      { says: 'See what is used.', command: 'kubectl describe resourcequota -n {namespace}', changes: false },
      {
        says: 'Remove finished pods, or raise the quota.',
        command: 'kubectl delete pods -n {namespace} --field-selector=status.phase=Failed',
        changes: true,
      },
    ],
    fix: [
      'Leave room for the surge of rollouts and for autoscaling, set ttlSecondsAfterFinished on Jobs, and alert before a quota is full.',
    ],
    links: [
      'https://kubernetes.io/docs/concepts/policy/resource-quotas/',
      'https://kubernetes.io/docs/concepts/policy/limit-range/',
    ],
  },
  *evaluate(incident) {
    const refused = findRefusals(incident, 'quota-exceeded', 'quota-demands-requests', 'limit-range-violated')
    const groups = Map.groupBy(
      refused,
      (one) => `${one.workload.namespace} ${first(one).values.quota ?? one.workload.name}`,
    )
    for (const [, members] of groups) yield describe(incident, members)
    const told = new Set(refused.map(({ workload }) => keyOf(workload)))
    yield* findSilent(
      incident,
      findLacking(incident).filter((one) => !told.has(keyOf(one.workload)) && !isRefused(incident, one)),
    )
  },
}

/** Who says of a workload why its pods are refused knows it better than any sum. */
function isRefused(incident: Incident, { workload, object }: Lacking): boolean {
  const isFailed = (ref: Ref) => incident.eventsAbout(ref).some(({ reason }) => reason === 'FailedCreate')
  const failure = conditionOf(incident.workloadOf(workload)?.conditions ?? [], 'ReplicaFailure')
  return failure?.status === 'True' || isFailed(workload) || isFailed(object.ref)
}

/** Without events: workloads that lack pods, and a quota that has no room for one more. One finding for each quota. */
function* findSilent(incident: Incident, lacking: readonly Lacking[]): Generator<Finding> {
  const found = lacking.flatMap((one) => {
    const spec = recordAt(one.object.json, 'spec', 'template', 'spec')
    const full = findFullQuota(incident, one.workload.namespace, spec)
    return full ? [{ ...one, ...full }] : []
  })
  for (const [, members] of Map.groupBy(found, ({ quota }) => keyOf(quota.ref))) {
    const [one] = members as [(typeof found)[number]]
    const names = members.map(({ workload }) => workload.name)
    yield {
      kind: 'cause',
      subject: one.quota.ref,
      strength: 'strong',
      from: undefined,
      says: `${tellNames(names)} ${names.length === 1 ? 'lacks' : 'lack'} pods (${count(one.desired, 'pod')} wanted, ${one.alive} there), and the quota ${one.quota.ref.name} ${one.says}.`,
      cites: [
        cite(one.quota, ['status', 'hard', one.resource]),
        cite(one.quota, ['status', 'used']),
        cite(one.object, ['status']),
      ],
      missing: ['The refusal in the words of the API server: events are kept for an hour.'],
      affects: uniqueRefs(members.map(({ workload }) => workload)),
    }
  }
}

function first({ said }: Refused): Said {
  return said[0] as Said
}

function describe(incident: Incident, refused: readonly Refused[]): Finding {
  const [one] = refused as readonly [Refused, ...Refused[]]
  const said = refused.flatMap((each) => each.said)
  const subject = subjectOf(one)
  const names = refused.map(({ workload }) => workload.name)
  return {
    kind: 'cause',
    subject,
    strength: 'proof',
    from: earliest(said.map((each) => each.first)),
    says: `Pods of ${tellNames(names)} cannot be created: ${shorten(first(one).words, 260)}.`,
    cites: atLeastOne([...said.slice(0, 3).map(({ citation }) => citation), ...citeUse(incident, subject)]),
    affects: uniqueRefs([...refused.map(({ workload }) => workload), ...said.map(({ about }) => about)]),
  }
}

/** The quota where one is named; a limit range is not named, so the workload. */
function subjectOf(refused: Refused): Ref {
  const { quota } = first(refused).values
  const { namespace } = refused.workload
  if (quota === undefined) return refused.workload
  return { kind: 'ResourceQuota', ...(namespace === undefined ? {} : { namespace }), name: quota }
}

function citeUse(incident: Incident, { kind, namespace, name }: Ref): readonly Citation[] {
  const quota = kind === 'ResourceQuota' ? incident.find(kind, namespace, name) : undefined
  return quota ? [cite(quota, ['status', 'used'])] : []
}
