import { admittedSpec, newestPodOf } from '../../incident/admitted-spec.ts'
import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { recordAt, stringsAt } from '../../incident/kubernetes.ts'
import { findLacking, isRefusalTold, type Lacking } from '../../incident/lacking-pods.ts'
import { mayBeChanged } from '../../incident/pod-webhook.ts'
import { type FullQuota, findFullQuota } from '../../incident/quota-room.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { count, earliest, shorten, tellNames } from '../../incident/telling.ts'
import { findRefusals, type Refused } from '../../incident/uncreated.ts'
import type { Advice, Finding, Rule } from '../rule.ts'

/** What helps where a quota counts what a pod does not say: room is not what it lacks. */
const SPECIFY: Advice = {
  mitigate: [
    {
      says: 'See what the quota counts.',
      command: 'kubectl describe resourcequota {name} -n {namespace}',
      changes: false,
    },
    {
      says: 'Set requests and limits in the template of the workload, of each container, or give the namespace a LimitRange with defaults for them.',
      changes: true,
    },
  ],
  fix: ['Give each namespace whose quota counts requests or limits a LimitRange with defaults.'],
}

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
      'The API server adds up what the pods of a namespace ask for, and refuses the next one that would exceed a ResourceQuota, that does not say what a quota counts, or that is outside a LimitRange. No pod appears, not even a Pending one: only the owner of the pods has an event. The surge of a rollout and piled-up jobs use up a quota without anybody meaning to. Pods that have ended no longer count for CPU, memory and pods; only count/pods counts them until they are removed.',
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
        says: 'Raise the quota, or scale something in the namespace down. Finished pods count for count/pods alone; only there it helps to remove them.',
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
      findLacking(incident).filter((one) => !told.has(keyOf(one.workload)) && !isRefusalTold(incident, one)),
    )
  },
}

/** A workload that lacks pods, and the quota that would refuse the next one. */
interface Full extends Lacking, FullQuota {
  /** Why it may be otherwise. */
  readonly doubts: readonly string[]
}

/** Without events: workloads that lack pods, and a quota that has no room for one more. One finding for each quota. */
function* findSilent(incident: Incident, lacking: readonly Lacking[]): Generator<Finding> {
  const found = lacking.flatMap((one) => fullFor(incident, one) ?? [])
  for (const [, members] of Map.groupBy(found, ({ quota }) => keyOf(quota.ref)))
    yield describeSilent(members as [Full, ...Full[]])
}

/** What counts is the pod as admission makes it: that is seen in a pod that was made from the template before. */
function fullFor(incident: Incident, one: Lacking): Full | undefined {
  const template = recordAt(one.object.json, 'spec', 'template')
  const { namespace } = one.workload
  const made = newestPodOf(incident, one.object)
  const full = findFullQuota(incident, namespace, admittedSpec(recordAt(template, 'spec'), made))
  if (!full) return undefined
  const isGuess = !made && mayBeChanged(incident, { namespace, labels: stringsAt(template, 'metadata', 'labels') })
  return { ...one, ...full, doubts: [...(isGuess ? [CHANGED] : []), ...(isUntold(incident, one) ? [UNTOLD] : [])] }
}

const CHANGED = 'A pod of this template as admission makes it: a webhook may set other amounts.'

const UNTOLD = 'A refusal: the events are in the bundle, and none says that a pod could not be created.'

/**
 * A controller that is refused tries again after 1000 seconds at the latest (client-go workqueue, DefaultTypedControllerRateLimiter), and an
 * event is kept for an hour: where the events were collected, one would say it.
 */
function isUntold({ coverage }: Incident, { workload }: Lacking): boolean {
  return coverage.isComplete('events', workload.namespace)
}

function describeSilent(members: readonly [Full, ...Full[]]): Finding {
  const [one] = members
  const names = members.map(({ workload }) => workload.name)
  const doubts = members.some((each) => each.doubts.length === 0) ? [] : one.doubts
  return {
    kind: 'cause',
    subject: one.quota.ref,
    strength: doubts.length > 0 ? 'weak' : 'strong',
    from: undefined,
    says: `${tellNames(names)} ${names.length === 1 ? 'lacks' : 'lack'} pods (${count(one.desired, 'pod')} wanted, ${one.alive} there), and the quota ${one.quota.ref.name} ${one.says}.`,
    cites: [
      cite(one.quota, ['status', 'hard', one.resource]),
      cite(one.quota, ['status', 'used']),
      ...(one.silent ? [cite(one.object, ['spec', 'template', 'spec', ...one.silent])] : []),
      cite(one.object, ['status']),
    ],
    missing: doubts.length > 0 ? doubts : ['The refusal in the words of the API server, an event FailedCreate.'],
    affects: uniqueRefs(members.map(({ workload }) => workload)),
    ...(one.silent ? { advice: SPECIFY } : {}),
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
    ...(said.every(({ id }) => id === 'quota-demands-requests') ? { advice: SPECIFY } : {}),
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
