import { at, isSet, list, record, text } from '../table/access.ts'

/** A question about objects of the API, as the authorizer understands it: what is not said is said. */
export interface ResourceAccess {
  readonly kind: 'resource'
  readonly verb: string
  /** Empty for core. */
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource: string
  /** Empty for all. */
  readonly namespace: string
  /** Empty for all. */
  readonly name: string
  /** Whether it is about some of the objects only, by labels or fields. */
  readonly isSelective: boolean
}

/** A question about a path such as `/metrics`. */
export interface PathAccess {
  readonly kind: 'path'
  readonly verb: string
  readonly path: string
}

export type Access = ResourceAccess | PathAccess

/** Reads the `spec` of an access review; undefined where it asks for nothing, or for two things. */
export function readAccess(spec: unknown): Access | undefined {
  const isResource = isSet(spec, 'resourceAttributes')
  const isPath = isSet(spec, 'nonResourceAttributes')
  if (isResource === isPath) return undefined
  if (isPath) {
    const asked = record(spec, 'nonResourceAttributes')
    return { kind: 'path', verb: text(asked, 'verb'), path: text(asked, 'path') }
  }
  const asked = record(spec, 'resourceAttributes')
  return {
    kind: 'resource',
    verb: text(asked, 'verb'),
    group: text(asked, 'group'),
    version: text(asked, 'version') || '*',
    resource: text(asked, 'resource'),
    subresource: text(asked, 'subresource'),
    namespace: text(asked, 'namespace'),
    name: text(asked, 'name'),
    isSelective: ['fieldSelector', 'labelSelector'].some((name) => isSelector(at(asked, name))),
  }
}

function isSelector(selector: unknown): boolean {
  return text(selector, 'rawSelector') !== '' || list(selector, 'requirements').length > 0
}

/** Whether two questions are one. Selections are not compared: a capture asks without. */
export function isSame(one: Access, other: Access): boolean {
  if (one.kind === 'path' || other.kind === 'path') return JSON.stringify(one) === JSON.stringify(other)
  return !one.isSelective && !other.isSelective && FIELDS.every((name) => one[name] === other[name])
}

/** Whether a yes to the wide question is a yes to the narrow one: all verbs, all namespaces, all names hold each of them. */
export function holds(wide: Access, narrow: Access): boolean {
  if (wide.kind === 'path' || narrow.kind === 'path') return isSame(wide, narrow)
  return !wide.isSelective && FIELDS.every((name) => wide[name] === ALL[name] || wide[name] === narrow[name])
}

/** What stands for all in each field of a question (k8s.io/api/authorization/v1, ResourceAttributes). */
const ALL = {
  verb: '*',
  group: '*',
  version: '*',
  resource: '*',
  subresource: '*',
  namespace: '',
  name: '',
} as const

const FIELDS = Object.keys(ALL) as (keyof typeof ALL)[]

/** A question in words, for people. */
export function describeAccess(access: Access): string {
  if (access.kind === 'path') return `${access.verb} ${access.path}`
  const { verb, group, resource, subresource, namespace, name } = access
  const what = [resource, ...(group === '' ? [] : [`.${group}`]), ...(subresource === '' ? [] : [`/${subresource}`])]
  return [verb, what.join(''), ...(name === '' ? [] : [name]), describePlace(namespace)].join(' ')
}

function describePlace(namespace: string): string {
  return namespace === '' ? 'in all namespaces' : `in namespace ${namespace}`
}
