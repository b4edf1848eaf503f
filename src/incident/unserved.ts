import type { Coverage, Covered } from './coverage.ts'
import { textAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'

const DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io'
const SERVICES = 'apiservices.apiregistration.k8s.io'

const ALL: Covered = { how: 'all', why: '' }

/**
 * A resource that the API server does not serve has no objects: to know that is to know all of them. Every group has an APIService, those of
 * custom resources too (kube-aggregator, autoregister), and every custom resource a definition `<resource>.<group>`.
 */
export function withUnserved(coverage: Coverage, objects: (resource: string) => readonly KubeObject[]): Coverage {
  if (!coverage.isComplete(SERVICES) || objects(SERVICES).length === 0) return coverage
  const groups = new Set(objects(SERVICES).map(({ json }) => textAt(json, 'spec', 'group')))
  const definitions = objects(DEFINITIONS).map(({ ref }) => ref.name)
  const isDefined = (group: string): boolean => definitions.some((name) => name.endsWith(`.${group}`))
  const isUnserved = (kind: string): boolean => {
    const group = kind.slice(kind.indexOf('.') + 1)
    if (group === kind) return false
    return !groups.has(group) || (isDefined(group) && coverage.isComplete(DEFINITIONS) && !definitions.includes(kind))
  }
  const of: Coverage['of'] = (kind, namespace) => {
    const covered = coverage.of(kind, namespace)
    return covered.how === 'none' && !isMentioned(coverage, kind) && isUnserved(kind) ? ALL : covered
  }
  return {
    ...coverage,
    of,
    ofNodes: (kind) => of(kind),
    isComplete: (kind, namespace) => of(kind, namespace).how === 'all',
  }
}

/** What the ledger has a line for is served, or was. */
function isMentioned({ ledger }: Coverage, kind: string): boolean {
  return ledger.some(({ scope }) => scope.resource === kind)
}
