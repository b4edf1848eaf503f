import { type Citation, cite, citeName } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { listAt, textAt } from '../../incident/kubernetes.ts'
import type { MessageId } from '../../incident/messages/index.ts'
import type { Pod } from '../../incident/pod.ts'
import type { Said } from '../../incident/statement.ts'
import { type Caller, callersSaying, groupCallers } from '../callers.ts'
import { type Rule, reject } from '../rule.ts'
import { describeRefused, isWell } from './refused.ts'

/** A pod that AWS refuses what it asks for: its role is not in effect, does not trust it, or may not. */
export const irsaDenied: Rule<'irsa-denied'> = {
  id: 'irsa-denied',
  title: 'AWS refuses a pod: its role is missing, does not trust it, or may not',
  domain: 'aws',
  seeds: ['KIA 4.1', 'KIA 4.7.1'],
  needs: [],
  helps: ['logs', 'events', 'pods', 'serviceaccounts'],
  explains: [
    'errors',
    'crashing',
    'not-ready',
    'not-starting',
    'volume-failing',
    'not-scaling',
    'unhealthy-condition',
    'unscheduled',
    'job-failing',
    'no-endpoints',
    'warnings',
  ],
  explain: {
    mechanism:
      'A pod gets a role of IAM through its service account: the annotation eks.amazonaws.com/role-arn lets a webhook put a token and AWS_ROLE_ARN into pods that are created afterwards, and STS trades the token for the role if its trust policy names this account of this cluster. Without the annotation, or in a pod that is older, the SDK falls back to the role of the node and is refused in its name. What depends on the caller, such as volumes, load balancers or secrets, stalls after it.',
    proof: [
      '"Not authorized to perform sts:AssumeRoleWithWebIdentity": the trust policy does not fit.',
      '"No OpenIDConnect provider found": the account does not know this cluster.',
      '"assumed-role/<node role>/i-… is not authorized": the role of the pod is not in effect.',
      '"… is not authorized to perform" with the right role: a policy lacks the action.',
    ],
    lookAlikes: [
      'vpc-endpoint-missing: STS does not answer at all.',
      'pod-identity-agent-failing: credentials come from 169.254.170.23.',
      'rbac-forbidden: the API server refuses, not AWS.',
      'clock-skew: "Signature expired".',
    ],
    mitigate: [
      {
        says: 'See which role the account names.',
        command: 'kubectl get serviceaccounts -n {namespace} -o yaml',
        changes: false,
      },
      {
        says: 'Put the annotation or the trust policy back, then start the pods again: token and role are set when a pod is created.',
        command: 'kubectl rollout restart deployment/{name} -n {namespace}',
        changes: true,
      },
    ],
    fix: [
      'Keep role, trust policy and annotation in one module, and test it after a cluster was made again: its issuer is another.',
    ],
    links: [
      'https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html',
      'https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html',
    ],
  },
  *evaluate(incident) {
    const said = callersSaying(incident, ...DENIED).flatMap((one) => one.said)
    for (const caller of groupCallers(
      incident,
      said.filter((one) => isOwn(incident, one)),
    )) {
      if (isWell(incident, caller))
        yield reject(caller.ref, 'AWS refused it now and then, and it does its work all the same.')
      else yield describe(incident, caller)
    }
  },
}

const DENIED = [
  'irsa-trust-denied',
  'oidc-provider-missing',
  'identity-token-invalid',
  'node-role-denied',
  'aws-access-denied',
] as const satisfies readonly MessageId[]

/** "AccessDenied" alone other services and file systems say too; pulls, and keys that are disabled, are told elsewhere. */
function isOwn(incident: Incident, { id, values, about, text }: Said): boolean {
  if (id === 'aws-access-denied' && values.action === undefined) return false
  const ids = incident
    .saidAbout(about)
    .filter((one) => one.text === text)
    .map((one) => one.id)
  return !ids.some((one) => one === 'image-pull-denied' || one === 'kms-key-unusable')
}

function describe(incident: Incident, caller: Caller) {
  const [first] = [...caller.said].sort((a, b) => DENIED.indexOf(a.id as never) - DENIED.indexOf(b.id as never))
  const pod = caller.said.map(({ about }) => incident.podOf(about)).find((one) => one !== undefined)
  const hint = pod && (first?.id === 'node-role-denied' ? withoutRole(incident, pod) : undefined)
  return describeRefused(incident, caller, {
    strength: caller.suffers ? 'proof' : 'strong',
    says: `AWS refuses ${caller.ref.name}: ${WHY[first?.id ?? ''] ?? `its role may not ${first?.values.action ?? 'do what it tries'}`}${hint ? `; ${hint.says}` : ''}.`,
    cites: hint?.cites ?? [],
  })
}

const WHY: Readonly<Record<string, string>> = {
  'irsa-trust-denied': 'its role does not trust this service account of this cluster',
  'oidc-provider-missing': 'the account knows no identity provider for this cluster',
  'identity-token-invalid': 'the token of its service account is not accepted',
  'node-role-denied': 'it asks with the role of its node, so its own is not in effect',
}

const ROLE = 'eks.amazonaws.com/role-arn'

/** Why a pod has no role of its own: its account names none, or the pod is older than that. */
function withoutRole(incident: Incident, pod: Pod): { says: string; cites: readonly Citation[] } | undefined {
  const name = pod.uses.find(({ kind }) => kind === 'ServiceAccount')?.name ?? 'default'
  const account = incident.find('ServiceAccount', pod.ref.namespace, name)
  if (!account) return undefined
  if (account.annotations[ROLE] === undefined)
    return { says: `its account ${name} names no role`, cites: [citeName(account)] }
  return hasRole(pod)
    ? undefined
    : {
        says: `its account ${name} names a role, but the pod was created without it`,
        cites: [cite(account, ['metadata', 'annotations', ROLE])],
      }
}

function hasRole({ json }: Pod): boolean {
  return listAt(json, 'spec', 'containers').some((container) =>
    listAt(container, 'env').some((one) => textAt(one, 'name') === 'AWS_ROLE_ARN'),
  )
}
