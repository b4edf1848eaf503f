import { clusterRole, forwardingRoles, namespacedRole, type Rule } from '../../capture/permissions.ts'
import { type OptionRole, readsOfTiers, rolesOfTiers, rulesOfTiers, type Tier } from '../../capture/tiers.ts'
import type { Collector } from '../../collector.ts'
import type { Discovery } from '../../sources/kube/discovery.ts'
import { VERSION } from '../version.ts'
import type { YamlDocument } from '../yaml.ts'

/** What the role is for, and for whom. */
export interface RoleRequest {
  readonly name: string
  /** Roles in these namespaces instead of a ClusterRole. */
  readonly namespaces: readonly string[] | undefined
  /** What a capture may do; each role has these tiers and no other. */
  readonly tiers: readonly Tier[]
  readonly serviceAccount: { readonly namespace: string; readonly name: string } | undefined
}

/** The Kubernetes objects that grant a capture what it reads, ready for `kubectl apply`. */
export function describeRoles(
  request: RoleRequest,
  collectors: readonly Collector[],
  discovery: Discovery | undefined,
): YamlDocument[] {
  if (request.namespaces === undefined) return describeClusterRoles(request, collectors, discovery)
  return request.namespaces.flatMap((namespace) => describeRole(request, namespace, collectors, discovery))
}

const RBAC = 'rbac.authorization.k8s.io'

/** What counts in the whole cluster, and beside it what is granted in single namespaces. */
function describeClusterRoles(
  request: RoleRequest,
  collectors: readonly Collector[],
  discovery: Discovery | undefined,
): YamlDocument[] {
  const { name, tiers } = request
  const declared = readsOfTiers(collectors, tiers)
  const rules = [...clusterRole(declared, discovery), ...rulesOfTiers(tiers)]
  const role = roleDocument('ClusterRole', { name }, rules, describeOrigin(discovery))
  const whole = rules.length === 0 ? [] : [role, ...binding('ClusterRole', request, undefined)]
  const forwarding = forwardingRoles(declared).map((one) => ({ ...one, comment: describeForwarding(one.namespace) }))
  const inNamespaces = Map.groupBy([...forwarding, ...rolesOfTiers(tiers)], ({ namespace }) => namespace)
  return [...whole, ...[...inNamespaces].flatMap(([namespace, roles]) => describeInside(request, namespace, roles))]
}

/** One Role for all that is granted in a namespace: two of one name would be one, and the last. */
function describeInside(request: RoleRequest, namespace: string, roles: readonly OptionRole[]): YamlDocument[] {
  const comments = roles.map(({ comment }) => comment)
  const rules = new Map(roles.flatMap((role) => role.rules).map((rule) => [JSON.stringify(rule), rule]))
  return [
    roleDocument('Role', { name: request.name, namespace }, [...rules.values()], comments),
    ...binding('Role', request, namespace),
  ]
}

function describeForwarding(namespace: string): string {
  return `What listens on nodes (kubelets, the CNI, kube-proxy), and name servers, by port-forward into pods of ${namespace}. Controllers that run in another namespace are asked where the same Role is in theirs.`
}

function describeRole(
  request: RoleRequest,
  namespace: string,
  collectors: readonly Collector[],
  discovery: Discovery | undefined,
): YamlDocument[] {
  const { rules, beyond } = namespacedRole(collectors, discovery, namespace)
  const comments = [
    ...describeOrigin(discovery),
    `For captures with --namespace ${namespace}. A Role cannot grant these, so such a capture is partial: ${beyond.join(', ')}.`,
  ]
  const role = roleDocument('Role', { name: request.name, namespace }, rules, comments)
  return [role, ...binding('Role', request, namespace)]
}

function describeOrigin(discovery: Discovery | undefined): string[] {
  const made = `Made by freezeframe ${VERSION} permissions.`
  if (!discovery) {
    return [
      `${made} Offline: built-in and well-known resources only; a capture reports any other as denied. Run it against the cluster to name them all.`,
    ]
  }
  return [
    `${made} Names what the cluster serves today; make it anew when custom resources are added.`,
    ...discovery.stale.map((one) => `${one.groupVersion} did not answer and is left out: ${one.reason}`),
  ]
}

function roleDocument(
  kind: 'ClusterRole' | 'Role',
  metadata: Readonly<Record<string, string>>,
  rules: readonly Rule[],
  comments: readonly string[],
): YamlDocument {
  return { comments, content: { apiVersion: `${RBAC}/v1`, kind, metadata, rules: rules.map((rule) => ({ ...rule })) } }
}

function binding(kind: 'ClusterRole' | 'Role', request: RoleRequest, namespace: string | undefined): YamlDocument[] {
  if (!request.serviceAccount) return []
  const metadata = { name: request.name, namespace }
  const roleRef = { apiGroup: RBAC, kind, name: request.name }
  const subjects = [{ kind: 'ServiceAccount', ...request.serviceAccount }]
  return [{ comments: [], content: { apiVersion: `${RBAC}/v1`, kind: `${kind}Binding`, metadata, roleRef, subjects } }]
}

/** The same objects as one JSON list, which `kubectl apply` takes as well; JSON has no comments. */
export function toJsonList(documents: readonly YamlDocument[]): string {
  const items = documents.map(({ content }) => content)
  const withoutComments = (key: string, value: unknown) => (key === 'comment' ? undefined : value)
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, withoutComments, 2)}\n`
}
