import { atLeastOne, cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { KubeObject } from '../../incident/object.ts'
import { isHealthy, type Pod } from '../../incident/pod.ts'
import { keyOf } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { earliest, tellSpan } from '../../incident/telling.ts'
import { type Caller, callersSaying, citeCallers, isSerious, sufferersOfCallers } from '../callers.ts'
import { isLive } from '../live.ts'
import { MANY_LINES } from '../outbreak.ts'
import { type Claim, type Finding, type Rule, reject } from '../rule.ts'
import { timesOf } from '../times-of.ts'

/** An old program that never reads its token again. */
export const saTokenExpiredClient: Rule<'sa-token-expired-client'> = {
  id: 'sa-token-expired-client',
  title: 'A program goes on with a token of its account that has expired',
  domain: 'control-plane',
  needs: ['pods', 'logs'],
  helps: ['events'],
  explains: ['errors', 'crashing', 'not-ready', 'slow', 'not-scaling', 'unhealthy-condition'],
  explain: {
    mechanism:
      'The kubelet renews the token of a pod in its file every hour. A client library from before 2021 reads the file once; its token is good for 90 days on EKS, a year elsewhere, and then every request is answered with 401 until the pod is started again. Tokens of the kubelet itself last an hour, where the API server does not extend them for such clients. A token is also void at once when its account is deleted, and an account that is made anew under the same name does not bring it back to programs that hold the old one.',
    proof: [
      'The pod is older than 90 days, and its log says Unauthorized of the API server.',
      'client-go of a pod that is older than an hour says Unauthorized again and again, until now: a token that ended, an account that was deleted, or a key that was changed.',
      'The ServiceAccount of the pod was made after the pod began, and its log says Unauthorized since.',
    ],
    lookAlikes: [
      'Fresh pods get 401 too: the account or the authentication is broken (aws-auth-or-access-entry-broken).',
      'rbac-forbidden: 403, the account is known.',
      'Tokens of users that a program refuses say "token is expired" too.',
    ],
    mitigate: [
      {
        says: 'Start the workload again.',
        command: 'kubectl rollout restart deployment/{name} -n {namespace}',
        changes: true,
      },
    ],
    fix: ['Update its client library.'],
    links: ['https://docs.aws.amazon.com/eks/latest/userguide/service-accounts.html'],
  },
  *evaluate(incident) {
    for (const caller of callersSaying(incident, 'unauthorized', 'service-account-token-stale')) {
      const old = podsOf(incident, caller).find((pod) => incident.now - (pod.started ?? incident.now) >= LIFE)
      const orphan = podsOf(incident, caller).find((pod) => newerAccountOf(incident, pod))
      const [refusal, ...others] = refusalsOf(incident, caller)
      if (!orphan && !old && refusal) yield describeUnknown(incident, caller, [refusal, ...others])
      else if (!orphan && !old)
        yield reject(caller.ref, 'It is refused as unknown, but its pods are younger than any token.')
      else if (!isSerious(incident, caller))
        yield reject(caller.ref, 'It was refused as unknown now and then, and does its work all the same.')
      else if (orphan) yield describeOrphan(incident, caller, orphan)
      else if (old) yield describe(incident, caller, old)
    }
  },
}

/** How long EKS takes an old token (EKS user guide, service accounts). */
const LIFE = 90 * 24 * 60 * 60 * 1000

/** The kubelet asks for tokens of this length, and renews them in their file after 80 % of it (pkg/serviceaccount: 3607 s). */
const BOUND_LIFE = 3607 * 1000

/** Refusals of the API server itself, again and again and until now, of a program that is older than such a token. */
function refusalsOf(incident: Incident, caller: Caller): readonly Said[] {
  const said = incident
    .said('api-client-unauthorized')
    .filter((one) => keyOf(incident.topOf(one.about)) === keyOf(caller.ref) && isLive(incident, one))
  const isOld = said.some(({ about }) => incident.now - (incident.podOf(about)?.started ?? incident.now) > BOUND_LIFE)
  return isOld && timesOf(said) >= MANY_LINES && isSerious(incident, caller) ? said : []
}

function podsOf(incident: Incident, { said }: Caller): readonly Pod[] {
  return said.flatMap(({ about }) => incident.podOf(about) ?? [])
}

/** The account of a pod, where it was deleted and made anew while the pod ran: a pod cannot begin without its account. */
function newerAccountOf(incident: Incident, pod: Pod): KubeObject | undefined {
  const name = pod.uses.find(({ kind }) => kind === 'ServiceAccount')?.name ?? 'default'
  const account = incident.find('ServiceAccount', pod.ref.namespace, name)
  const isNewer = (account?.created ?? 0) > (pod.started ?? Number.POSITIVE_INFINITY) + incident.clocks.tolerance
  return isNewer ? account : undefined
}

function describeOrphan(incident: Incident, caller: Caller, pod: Pod): Finding {
  const account = newerAccountOf(incident, pod) as KubeObject
  return findingOf(incident, caller, {
    says: `is refused as unknown: its account ${account.ref.name} was deleted and made anew ${tellSpan(incident.now - (account.created ?? 0))} ago, after its pod began, and the token that it holds is of the old one.`,
    cites: [cite(account, ['metadata', 'creationTimestamp']), cite(pod, ['status', 'startTime'])],
  })
}

/** Nothing tells which of the reasons it is: all of them go away when the pod is started again. */
function describeUnknown(incident: Incident, caller: Caller, said: readonly Said[]): Finding {
  const well = podsOf(incident, caller).find(isHealthy)
  return {
    kind: 'cause',
    subject: caller.ref,
    strength: well ? 'strong' : 'weak',
    from: earliest(said.map(({ first }) => first)),
    says: `The API server has refused ${caller.ref.name} as unknown ${timesOf(said)} times until now, and its pod is older than a token of its account: it goes on with one that has ended, its account was deleted, or the key that signs tokens was changed.`,
    cites: atLeastOne(said.slice(0, 3).map(({ citation }) => citation)),
    missing: [
      'Whether a new pod of it is refused as well: then it is the account or the key, not the token that it holds.',
    ],
    ...(well ? { against: [tellWell(well)] } : {}),
    affects: sufferersOfCallers(incident, [caller]),
  }
}

/** What is refused everything mostly ends or is not ready. */
function tellWell(pod: Pod) {
  return { says: `Its pod ${pod.ref.name} is ready all the same.`, cites: atLeastOne([cite(pod, ['status', 'phase'])]) }
}

function describe(incident: Incident, caller: Caller, pod: Pod): Finding {
  return findingOf(incident, caller, {
    says: `is refused as unknown, and runs for ${tellSpan(incident.now - (pod.started ?? 0))}: its token has most likely expired and was never read again.`,
    cites: [cite(pod, ['status', 'startTime'])],
  })
}

function findingOf(incident: Incident, caller: Caller, { says, cites }: Claim): Finding {
  return {
    kind: 'cause',
    subject: caller.ref,
    strength: 'strong',
    from: earliest(caller.said.map(({ first }) => first)),
    says: `${caller.ref.name} ${says}`,
    cites: atLeastOne([...citeCallers([caller], 2), ...cites]),
    affects: sufferersOfCallers(incident, [caller]),
  }
}
