import type { ServedResource } from '../bundle/format.ts'
import type { Collector, Read } from '../collector.ts'
import type { Discovery } from '../sources/kube/discovery.ts'
import type { AccessQuestion } from '../sources/kube/reviews.ts'

/**
 * What the collectors' declarations mean on this cluster: one question for each verb and resource, in each namespace asked for where
 * the resource is namespaced. Declared resources that the cluster does not serve are left out.
 */
export function accessQuestions(
  collectors: readonly Collector[],
  resources: readonly ServedResource[],
  namespaces: readonly string[] | undefined,
): AccessQuestion[] {
  const reads = collectors.flatMap((collector) => collector.reads)
  const declared = new Set(reads.flatMap(declaredNames))
  const undeclared = resources.filter(
    (one) => one.resource !== 'secrets' && !declared.has(nameOf(one.group, one.resource)),
  )
  const questions = reads.flatMap((read) => questionsOf(read, resources, undeclared, namespaces))
  return [...new Map(questions.map((question) => [JSON.stringify(question), question])).values()]
}

function questionsOf(
  read: Read,
  resources: readonly ServedResource[],
  undeclared: readonly ServedResource[],
  namespaces: readonly string[] | undefined,
): AccessQuestion[] {
  if ('nonResourceURLs' in read) return read.nonResourceURLs.map((path) => ({ verb: 'get', path }))
  if ('everyListableResource' in read) {
    return undeclared.flatMap((one) =>
      inNamespaces({ verb: 'list', group: one.group, resource: one.resource }, one, namespaces),
    )
  }
  if ('connects' in read) return read.namespaces.flatMap(connectQuestions)
  return read.resources.flatMap((name) => {
    const [resource = '', subresource] = name.split('/')
    const served = resources.find((one) => one.group === read.group && one.resource === resource)
    if (!served) return []
    const asked = { group: read.group, resource, ...(subresource === undefined ? {} : { subresource }) }
    return read.verbs.flatMap((verb) => inNamespaces({ verb, ...asked }, served, withOther(namespaces, read.alsoIn)))
  })
}

/** What the API server asks the authorizer about a port-forward in a namespace; `create` only since 1.35 (KEP-4006). */
export function connectQuestions(namespace: string): AccessQuestion[] {
  return ['get', 'create'].map((verb) => ({ verb, group: '', resource: 'pods', subresource: 'portforward', namespace }))
}

/** Whether the API server asks for `create` where somebody connects; before, who may not is not hindered (KEP-4006). */
export function asksToCreate({ version }: Discovery): boolean {
  return Number(/^v1\.(\d+)/.exec(version?.gitVersion ?? '')?.[1] ?? Number.POSITIVE_INFINITY) >= 35
}

function withOther(namespaces: readonly string[] | undefined, other: string | undefined) {
  return namespaces && [...namespaces, ...(other === undefined ? [] : [other])]
}

function inNamespaces(
  question: Extract<AccessQuestion, { resource: string }>,
  served: ServedResource,
  namespaces: readonly string[] | undefined,
): AccessQuestion[] {
  if (!served.namespaced || namespaces === undefined) return [question]
  return namespaces.map((namespace) => ({ ...question, namespace }))
}

function declaredNames(read: Read): string[] {
  return 'resources' in read ? read.resources.map((name) => nameOf(read.group, name)) : []
}

function nameOf(group: string, resource: string): string {
  return `${group}/${resource}`
}
