import type { Incident } from './incident.ts'
import { listAt, textAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import { keyOf, type Ref, uniqueRefs } from './reference.ts'

/** What a custom resource runs and may be unwell of: pods and workloads that it owns, and what it says itself that it applied and is not well. */
export function madeBy(incident: Incident, { ref, json }: KubeObject): readonly Ref[] {
  const key = keyOf(ref)
  const workloads = incident.workloads.filter(
    ({ ref: own, object }) =>
      keyOf(own) === key || object?.owners.some(({ kind, name }) => kind === ref.kind && name === ref.name),
  )
  const owned = workloads.flatMap(({ ref: own, pods, object }) => {
    const isOwn = keyOf(own) === key || object?.ref.namespace === ref.namespace || ref.namespace === undefined
    return isOwn ? [...(keyOf(own) === key ? [] : [own]), ...pods.map((pod) => pod.ref)] : []
  })
  return uniqueRefs([...owned, ...appliedBy(json)])
}

/** What Argo CD lists as not well among what it applied. */
function appliedBy(json: unknown): readonly Ref[] {
  return listAt(json, 'status', 'resources')
    .filter((one) => textAt(one, 'health', 'status') === 'Degraded')
    .map((one) => ({ kind: textAt(one, 'kind'), namespace: textAt(one, 'namespace'), name: textAt(one, 'name') }))
}
