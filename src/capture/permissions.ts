import type { ServedResource } from '../bundle/format.ts'
import type { Collector, Read } from '../collector.ts'
import type { Discovery } from '../sources/kube/discovery.ts'
import { WELL_KNOWN } from './well-known.ts'

/** One rule of a Role or ClusterRole (rbac.authorization.k8s.io/v1 PolicyRule), with a sentence for whoever grants it. */
export type Rule = ResourceRule | { readonly nonResourceURLs: readonly string[]; readonly verbs: readonly ['get'] }

export interface ResourceRule {
  readonly comment?: string
  readonly apiGroups: readonly [string]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

/** What a Role in one namespace grants, and the resources and paths that no Role can. */
export interface NamespacedRole {
  readonly rules: readonly Rule[]
  readonly beyond: readonly string[]
}

/**
 * The rules that a complete capture needs, generated from what the collectors declare: resources by name, groups by name, never
 * Secrets. Without discovery: the built-in and well-known resources only.
 */
export function clusterRole(collectors: readonly Collector[], discovery: Discovery | undefined): Rule[] {
  return rulesFor(collectors, discovery?.resources ?? WELL_KNOWN)
}

/** The part of the cluster role that a Role in a namespace can grant, for captures with `--namespace`. */
export function namespacedRole(
  collectors: readonly Collector[],
  discovery: Discovery | undefined,
  namespace: string,
): NamespacedRole {
  const served: readonly Grantable[] = discovery?.resources ?? WELL_KNOWN
  const clusterWide = served.filter((one) => !one.namespaced)
  return {
    rules: toRules(
      grantsOf(
        collectors,
        served.filter((one) => one.namespaced),
      ),
    ),
    beyond: [
      ...rulesFor(collectors, clusterWide)
        .flatMap(namesOf)
        .filter((name) => !GRANTED_TO_EVERYONE.test(name)),
      ...new Set(collectors.flatMap((collector) => collector.reads.flatMap((read) => namesElsewhere(read, namespace)))),
    ],
  }
}

/** The part that is granted in single namespaces, where a cluster role would grant too much: connections to ports of their pods. */
export function forwardingRoles(collectors: readonly Collector[]): { namespace: string; rules: ResourceRule[] }[] {
  const namespaces = collectors.flatMap(({ reads }) =>
    reads.flatMap((read) => ('connects' in read ? read.namespaces : [])),
  )
  return [...new Set(namespaces)].sort().map((namespace) => ({ namespace, rules: [FORWARDING] }))
}

const FORWARDING: ResourceRule = {
  comment:
    'A port-forward is a WebSocket: the API server asks for get, and since Kubernetes 1.35 for create too (KEP-4006).',
  apiGroups: [''],
  resources: ['pods/portforward'],
  verbs: ['get', 'create'],
}

/** What is read in another namespace, which takes a Role there. */
function namesElsewhere(read: Read, namespace: string): string[] {
  if ('connects' in read) return read.namespaces.map((one) => `${read.connects} in namespace ${one}`)
  if (!('resources' in read) || read.alsoIn === undefined || read.alsoIn === namespace) return []
  return read.resources.map((resource) => `${resource} in namespace ${read.alsoIn}`)
}

/** Paths of the default roles system:discovery and system:public-info-viewer (kubernetes/kubernetes, plugin/pkg/auth/authorizer/rbac/bootstrappolicy). */
const GRANTED_TO_EVERYONE = /^\/(api|apis|openapi|version|readyz|livez)(\/\*)?$/

function rulesFor(collectors: readonly Collector[], served: readonly Grantable[]): Rule[] {
  const paths = collectors.flatMap((one) => one.reads.flatMap(pathsOf))
  const rules = toRules(grantsOf(collectors, served))
  return paths.length > 0 ? [...rules, { nonResourceURLs: [...new Set(paths)].sort(), verbs: ['get'] }] : rules
}

function pathsOf(read: Read): readonly string[] {
  return 'nonResourceURLs' in read ? read.nonResourceURLs : []
}

/** A resource as the role needs to know it. */
type Grantable = Pick<ServedResource, 'group' | 'resource' | 'namespaced'>

/** One cell of the role: a resource, or a subresource such as `pods/log`, and what may be done with it. */
interface Grant {
  readonly group: string
  readonly resource: string
  readonly verbs: Set<string>
}

function grantsOf(collectors: readonly Collector[], served: readonly Grantable[]): Grant[] {
  const grants = new Map<string, Grant>()
  for (const collector of collectors) {
    for (const read of collector.reads) {
      for (const { group, resource, verbs } of resolveRead(read, collector, served)) {
        const grant = grants.get(`${group}/${resource}`) ?? { group, resource, verbs: new Set() }
        for (const verb of verbs) grant.verbs.add(verb)
        grants.set(`${group}/${resource}`, grant)
      }
    }
  }
  return [...grants.values()]
}

function resolveRead(
  read: Read,
  collector: Collector,
  served: readonly Grantable[],
): { group: string; resource: string; verbs: readonly string[] }[] {
  if ('nonResourceURLs' in read) return []
  if ('everyListableResource' in read) {
    const taken = served.filter((one) => !isSecret(one) && (collector.takes?.(asServed(one)) ?? true))
    return taken.map(({ group, resource }) => ({ group, resource, verbs: ['list'] }))
  }
  if ('connects' in read) return []
  const declared = read.resources.filter((name) =>
    served.some((one) => one.group === read.group && one.resource === name.split('/')[0]),
  )
  return declared.map((resource) => ({ group: read.group, resource, verbs: read.verbs }))
}

/** Collectors choose by group and resource; a well-known resource has no version to tell them. */
function asServed(one: Grantable): ServedResource {
  return { version: '', kind: '', alsoServedAs: [], ...one }
}

function isSecret({ group, resource }: Grantable): boolean {
  return group === '' && resource === 'secrets'
}

const CONFIG_MAPS_COMMENT =
  'Listing ConfigMaps grants their data, though the bundle holds key names and hashes only: leave this rule out if that is too much.'

function toRules(grants: readonly Grant[]): ResourceRule[] {
  const rules = new Map<string, Grant[]>()
  for (const grant of grants) {
    const key = ruleKey(grant)
    rules.set(key, [...(rules.get(key) ?? []), grant])
  }
  return [...rules.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, alike]) => toRule(alike))
}

/** Core first, then by group; ConfigMaps and subresources apart, because whoever grants the role looks for them. */
function ruleKey({ group, resource, verbs }: Grant): string {
  const apart = group === '' && resource === 'configmaps' ? 2 : resource.includes('/') ? 1 : 0
  return `${group} ${apart} ${orderVerbs(verbs).join()}`
}

function toRule(grants: readonly Grant[]): ResourceRule {
  const [{ group, verbs }] = grants as readonly [Grant]
  const resources = grants.map((grant) => grant.resource).sort()
  const comment = group === '' && resources[0] === 'configmaps' ? { comment: CONFIG_MAPS_COMMENT } : {}
  return { ...comment, apiGroups: [group], resources, verbs: orderVerbs(verbs) }
}

function orderVerbs(verbs: ReadonlySet<string>): string[] {
  return ['get', 'list', 'watch'].filter((verb) => verbs.has(verb))
}

function namesOf(rule: Rule): readonly string[] {
  if ('nonResourceURLs' in rule) return rule.nonResourceURLs
  const [group] = rule.apiGroups
  return rule.resources.map((resource) => (group ? `${resource}.${group}` : resource))
}
