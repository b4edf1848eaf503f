import { atLeastOne, type Citation, citeName } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { type Attempt, accountOf, allows, grantsOf, grantsToOthers, knowsRbac } from '../../incident/rbac.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { sufferersOfWorkload } from '../../incident/sufferers-of-workload.ts'
import { earliest, tellNames } from '../../incident/telling.ts'
import { isLive } from '../live.ts'
import { MANY_LINES } from '../outbreak.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { isSuffering } from '../suffering.ts'
import { timesOf } from '../times-of.ts'

/** A program whose account may not do what it tries. */
export const rbacForbidden: Rule<'rbac-forbidden'> = {
  id: 'rbac-forbidden',
  title: 'A service account may not do what its program tries',
  domain: 'control-plane',
  seeds: ['KIA 11.4.3'],
  needs: [],
  helps: ['logs', 'events', 'rolebindings.rbac.authorization.k8s.io', 'clusterrolebindings.rbac.authorization.k8s.io'],
  explains: [
    'errors',
    'crashing',
    'not-ready',
    'not-starting',
    'no-endpoints',
    'job-failing',
    'rollout-stalled',
    'stuck-terminating',
    'unhealthy-condition',
    'not-created',
    'not-scaling',
  ],
  explain: {
    mechanism:
      'The API server knows the account and refuses the request, because no Role that is bound to it has the verb and the resource: a role was cut, a binding deleted, the account renamed, or the program is newer than its roles. A controller that may not read or write does nothing more, and what it looks after stalls without a word about permissions.',
    proof: [
      'The log says: User "system:serviceaccount:…" cannot list resource "…" in API group "…".',
      'No RoleBinding or ClusterRoleBinding gives the account a role that allows it: kubectl auth can-i answers no.',
    ],
    lookAlikes: [
      'podsecurity-or-policy-rejected, quota-or-limitrange-exceeded: forbidden too, and not for want of a role.',
      'sa-token-expired-client: 401 Unauthorized, the account is not known at all.',
      'irsa-denied: AWS refuses, not the API server.',
    ],
    mitigate: [
      {
        says: 'See what the account may do.',
        command: 'kubectl auth can-i --list -n {namespace} --as=system:serviceaccount:{namespace}:ACCOUNT',
        changes: false,
      },
      { says: 'Bring the role or the binding back that it had.', changes: true },
    ],
    fix: ['Ship roles and bindings in the same release as the program, and test them with kubectl auth can-i.'],
    links: ['https://kubernetes.io/docs/reference/access-authn-authz/rbac/'],
  },
  *evaluate(incident) {
    const said = incident.said('rbac-forbidden').filter((one) => isOfAccount(one) && isLive(incident, one))
    const groups = Map.groupBy(said, (one) => keyOf(whoTried(incident, one)))
    for (const [, members] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) yield judge(incident, members)
  },
}

/** Nodes are refused what no pod of theirs names, and people are none of a program's matter. */
function isOfAccount({ values }: Said): boolean {
  return accountOf(values.user ?? '') !== undefined
}

/** The workload whose log it is; of an event the one that runs as the account, where there is just one. */
function whoTried(incident: Incident, { source, about, values }: Said): Ref {
  if (source === 'log') return incident.topOf(about)
  const account = accountOf(values.user ?? '')
  const pods = incident.usersOf('ServiceAccount', account?.namespace, account?.name ?? '')
  const workloads = uniqueRefs(pods.map(({ workload }) => workload))
  return (workloads.length === 1 ? workloads[0] : undefined) ?? incident.topOf(about)
}

function judge(incident: Incident, said: readonly Said[]): Finding | Rejection {
  const [first] = said as [Said]
  const workload = whoTried(incident, first)
  const denied = said.filter((one) => !isAllowedNow(incident, one))
  if (denied.length === 0)
    return reject(workload, 'It was refused, but a role that is bound to its account allows it now.')
  const suffers = (incident.workloadOf(workload)?.pods ?? []).some((pod) => isSuffering(incident, pod))
  const lines = timesOf(denied)
  if (!suffers && lines < MANY_LINES)
    return reject(workload, 'It was refused now and then, and does its work all the same.')
  return describe(incident, workload, denied, suffers)
}

function isAllowedNow(incident: Incident, { values }: Said): boolean {
  const attempt = attemptOf(values)
  return grantsOf(incident, attempt).some((grant) => allows(grant, attempt))
}

function attemptOf(values: Said['values']): Attempt {
  const { user = '', verb = '', resource = '', group = '', namespace = '' } = values
  return { user, verb, resource, group, namespace }
}

function describe(incident: Incident, workload: Ref, said: readonly Said[], suffers: boolean): Finding {
  const attempt = attemptOf((said[0] as Said).values)
  const tried = [...new Set(said.map(({ values }) => `${values.verb} ${values.resource}`))]
  const reason = reasonOf(incident, attempt)
  const account = accountOf(attempt.user)
  return {
    kind: 'cause',
    subject: workload,
    strength: suffers
      ? 'proof'
      : reason.cites.length > 0 || (knowsRbac(incident) && followsIt(said))
        ? 'strong'
        : 'weak',
    from: earliest(said.map(({ first }) => first)),
    says: `${workload.name} may not ${tellNames(tried)}${attempt.namespace === '' ? '' : ` in the namespace ${attempt.namespace}`} as the account ${account?.namespace}/${account?.name}${reason.says}.`,
    cites: atLeastOne([...said.slice(0, 3).map(({ citation }) => citation), ...reason.cites]),
    affects: uniqueRefs([
      ...sufferersOfWorkload(incident, workload),
      ...said.map(({ about: { container: _, ...ref } }) => ref),
      ...(account ? [{ kind: 'ServiceAccount', ...account }] : []),
      ...reason.refs,
    ]),
  }
}

/** Who lists and watches without end has nothing to work with until it may; others may only have tried. */
function followsIt(said: readonly Said[]): boolean {
  return said.some(({ values }) => values.verb === 'list' || values.verb === 'watch')
}

interface Reason {
  readonly says: string
  readonly cites: readonly Citation[]
  readonly refs: readonly Ref[]
}

/** What is missing: the role of a binding, the verb in a role, or a binding at all. */
function reasonOf(incident: Incident, attempt: Attempt): Reason {
  if (!knowsRbac(incident)) return { says: '', cites: [], refs: [] }
  const account = accountOf(attempt.user)
  const own = grantsOf(incident, attempt).filter(({ binding }) => !binding.ref.name.startsWith('system:'))
  const dangling = own.find(({ role }) => role === undefined)
  if (dangling)
    return tell(
      `: the ${dangling.binding.ref.kind} ${dangling.binding.ref.name} gives it the ${dangling.roleRef.kind} ${dangling.roleRef.name}, which does not exist`,
      [dangling.binding.ref, dangling.roleRef],
      [citeName(dangling.binding)],
    )
  const [narrow] = own
  if (narrow?.role)
    return tell(
      `: the ${narrow.roleRef.kind} ${narrow.roleRef.name} that is bound to it does not allow it`,
      own.flatMap((one) => [one.roleRef, one.binding.ref]),
      [citeName(narrow.role)],
    )
  const [other] = grantsToOthers(incident, attempt)
  const says = ': no role is bound to it there'
  const isMissing = account && incident.find('ServiceAccount', account.namespace, account.name) === undefined
  if (other && !isMissing)
    return tell(
      `${says}; ${other.binding.ref.name} gives such a role to others`,
      [other.binding.ref, other.roleRef],
      [citeName(other.binding)],
    )
  return { says, cites: [], refs: [] }
}

function tell(says: string, refs: readonly Ref[], cites: readonly Citation[]): Reason {
  return { says, cites, refs }
}
