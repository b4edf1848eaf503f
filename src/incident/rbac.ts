import type { Incident } from './incident.ts'
import { listAt, textAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import type { Ref } from './reference.ts'

/** What somebody tried and may not, as the API server words it. */
export interface Attempt {
  /** `system:serviceaccount:shop:web`. */
  readonly user: string
  readonly verb: string
  /** `pods`, `pods/log`. */
  readonly resource: string
  readonly group: string
  /** Empty for the whole cluster. */
  readonly namespace: string
}

/** A binding that names a user, with the role that it gives, if that exists. */
export interface Grant {
  readonly binding: KubeObject
  readonly roleRef: Ref
  readonly role: KubeObject | undefined
}

const KINDS = ['rolebindings', 'clusterrolebindings', 'roles', 'clusterroles'].map(
  (one) => `${one}.rbac.authorization.k8s.io`,
)

/** Whether all of RBAC was captured, so that what is not there does not exist. */
export function knowsRbac({ coverage }: Incident): boolean {
  return KINDS.every((kind) => coverage.isComplete(kind))
}

/** The bindings that hold for a user where it tried. */
export function grantsOf(incident: Incident, { user, namespace }: Attempt): readonly Grant[] {
  return bindingsOf(incident)
    .filter((binding) => binding.ref.kind === 'ClusterRoleBinding' || binding.ref.namespace === namespace)
    .filter((binding) => listAt(binding.json, 'subjects').some((subject) => isSubject(subject, user, binding)))
    .map((binding) => grantOf(incident, binding))
}

/** Whether a grant allows an attempt. */
export function allows({ role }: Grant, attempt: Attempt): boolean {
  return listAt(role?.json, 'rules').some((rule) => permits(rule, attempt))
}

/** Grants to others that would allow an attempt: mostly to the name that an account had before. */
export function grantsToOthers(incident: Incident, attempt: Attempt): readonly Grant[] {
  return bindingsOf(incident)
    .filter(({ ref }) => ref.namespace === attempt.namespace && !ref.name.startsWith('system:'))
    .map((binding) => grantOf(incident, binding))
    .filter((grant) => allows(grant, attempt))
}

/** `{ namespace, name }` of `system:serviceaccount:namespace:name`. */
export function accountOf(user: string): { namespace: string; name: string } | undefined {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? []
  return namespace === undefined || name === undefined ? undefined : { namespace, name }
}

function bindingsOf(incident: Incident): readonly KubeObject[] {
  return [
    ...incident.objects('clusterrolebindings.rbac.authorization.k8s.io'),
    ...incident.objects('rolebindings.rbac.authorization.k8s.io'),
  ]
}

function grantOf(incident: Incident, binding: KubeObject): Grant {
  const kind = textAt(binding.json, 'roleRef', 'kind')
  const name = textAt(binding.json, 'roleRef', 'name')
  const namespace = kind === 'Role' ? binding.ref.namespace : undefined
  const roleRef = { kind, ...(namespace === undefined ? {} : { namespace }), name }
  return { binding, roleRef, role: incident.find(kind, namespace, name) }
}

/** Groups of service accounts: pkg/serviceaccount. */
function isSubject(subject: unknown, user: string, binding: KubeObject): boolean {
  const name = textAt(subject, 'name')
  const account = accountOf(user)
  switch (textAt(subject, 'kind')) {
    case 'User':
      return name === user
    case 'ServiceAccount':
      return account?.name === name && account.namespace === (textAt(subject, 'namespace') || binding.ref.namespace)
    case 'Group':
      return name === 'system:authenticated' || (account !== undefined && isGroupOfAccounts(name, account.namespace))
    default:
      return false
  }
}

function isGroupOfAccounts(group: string, namespace: string): boolean {
  return group === 'system:serviceaccounts' || group === `system:serviceaccounts:${namespace}`
}

/** As the authorizer matches a rule; rules for single names of objects are taken to fit (plugin/pkg/auth/authorizer/rbac). */
function permits(rule: unknown, { verb, resource, group }: Attempt): boolean {
  const [, sub] = resource.split('/')
  const verbs = listAt(rule, 'verbs')
  const groups = listAt(rule, 'apiGroups')
  const resources = listAt(rule, 'resources')
  const fitsResource =
    resources.includes('*') || resources.includes(resource) || (sub !== undefined && resources.includes(`*/${sub}`))
  return (
    (verbs.includes('*') || verbs.includes(verb)) && (groups.includes('*') || groups.includes(group)) && fitsResource
  )
}
