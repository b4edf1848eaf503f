import { readConditions } from './condition.ts'
import type { Incident } from './incident.ts'
import { listAt, textAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import { keyOf, type Ref, uniqueRefs } from './reference.ts'

/** What a custom resource runs and may be unwell of: pods and workloads that it owns, and what it says itself that is not well. */
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
  return uniqueRefs([...owned, ...appliedBy(json), ...namedBy(incident, json)])
}

/** What Argo CD lists as not well among what it applied. */
function appliedBy(json: unknown): readonly Ref[] {
  return listAt(json, 'status', 'resources')
    .filter((one) => textAt(one, 'health', 'status') === 'Degraded')
    .map((one) => ({ kind: textAt(one, 'kind'), namespace: textAt(one, 'namespace'), name: textAt(one, 'name') }))
}

/** `Deployment/shop/web`, as Flux and Helm name what they wait for. */
const NAMED = /\b(?<kind>[A-Z]\w{1,60})\/(?<namespace>[a-z\d-]{1,63})\/(?<name>[a-z\d.-]{1,253})/g

/** Objects of the bundle that its conditions name. */
function namedBy(incident: Incident, json: unknown): readonly Ref[] {
  const words = readConditions(json).map(({ message }) => message.slice(0, MOST_WORDS))
  return [...words.join('\n').matchAll(NAMED)].flatMap(({ groups: { kind = '', namespace = '', name = '' } = {} }) => {
    return incident.find(kind, namespace, name)?.ref ?? []
  })
}

/** A message names a handful at its beginning. */
const MOST_WORDS = 2000
