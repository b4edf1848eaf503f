import { readContainers } from './container.ts'
import { type Amounts, showAmount, totalOf } from './fit.ts'
import type { Incident } from './incident.ts'
import { type Json, listAt, recordAt, textAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import { parseQuantity } from './quantity.ts'

/** A ResourceQuota that refuses one more pod, by what it counts itself. */
export interface FullQuota {
  readonly quota: KubeObject
  readonly resource: string
  /** `has no room for another: requests.cpu: 1 of 1.5 is used, and a pod asks for 1`. */
  readonly says: string
  /** The container that does not say how much it takes of what the quota counts, by its place in the spec: it has to, and no room helps. */
  readonly silent?: readonly (string | number)[]
}

/** Holds what a pod of a template asks for against the quotas of its namespace, as the API server does before it takes the pod. */
export function findFullQuota(incident: Incident, namespace: string | undefined, spec: Json): FullQuota | undefined {
  const whole = withDefaults(incident, namespace, spec)
  const asked = asksOf(whole)
  const quotas = incident.objects('resourcequotas').filter(({ ref }) => ref.namespace === namespace)
  for (const quota of quotas) {
    const full = isOfAllPods(quota) ? (unspecifiedOf(quota, whole) ?? overflowOf(quota, asked)) : undefined
    if (full) return full
  }
  return undefined
}

/** A quota with scopes counts some pods only; which, is for the API server to say. */
function isOfAllPods({ json }: KubeObject): boolean {
  return (
    listAt(json, 'spec', 'scopes').length === 0 &&
    listAt(json, 'spec', 'scopeSelector', 'matchExpressions').length === 0
  )
}

/** What every container has to name where a quota counts it (pkg/quota/v1/evaluator/core/pods.go, validationSet). */
const DEMANDED = /^(?:(?:requests\.)?(cpu|memory)|limits\.(cpu|memory))$/

function unspecifiedOf(quota: KubeObject, whole: Json): FullQuota | undefined {
  if ('resources' in whole) return undefined
  const containers = ['containers', 'initContainers'].flatMap((list) =>
    listAt(whole, list).map((json, index) => ({ json, place: [list, index] })),
  )
  for (const resource of Object.keys(recordAt(quota.json, 'status', 'hard'))) {
    const [, requested, limited] = DEMANDED.exec(resource) ?? []
    const name = requested ?? limited
    if (name === undefined) continue
    const kind = limited === undefined ? 'requests' : 'limits'
    const silent = containers.find(({ json }) => !(name in recordAt(json, 'resources', kind)))
    const of = `of which the container ${textAt(silent?.json, 'name')} of its pods does not say how much it takes`
    if (silent) return { quota, resource, says: `counts ${resource}, ${of}`, silent: silent.place }
  }
  return undefined
}

/** A float of a sum may be off by its last bit. */
const ROUNDING = 1 + 1e-9

function overflowOf(quota: KubeObject, asked: Amounts): FullQuota | undefined {
  for (const [resource, value] of Object.entries(recordAt(quota.json, 'status', 'hard'))) {
    const hard = parseQuantity(value)
    const used = parseQuantity(recordAt(quota.json, 'status', 'used')[resource])
    const amount = asked[resource] ?? 0
    if (hard === undefined || used === undefined || amount === 0 || used + amount <= hard * ROUNDING) continue
    const show = (one: number) => showAmount(resource.replace(/^(?:requests|limits)\./, ''), one)
    return {
      quota,
      resource,
      says: `has no room for another: ${resource}: ${show(used)} of ${show(hard)} is used, and a pod asks for ${show(amount)}`,
    }
  }
  return undefined
}

/** Resources that a quota counts by their own name too, for what is requested (pkg/quota/v1/evaluator/core/pods.go). */
const BY_NAME = /^(?:cpu|memory|ephemeral-storage|hugepages-)/

/** What a quota counts for one pod, by the names that a quota has for it. */
function asksOf(whole: Json): Amounts {
  const containers = readContainers({ spec: whole })
  const asked: Record<string, number> = { pods: 1, 'count/pods': 1 }
  for (const [resource, amount] of Object.entries(totalOf(whole, containers, 'requests'))) {
    asked[`requests.${resource}`] = amount
    if (BY_NAME.test(resource)) asked[resource] = amount
  }
  for (const [resource, amount] of Object.entries(totalOf(whole, containers, 'limits')))
    asked[`limits.${resource}`] = amount
  return asked
}

/** The spec as it is counted: what containers do not say is filled in from their limits and from the LimitRanges of the namespace. */
function withDefaults({ objects }: Incident, namespace: string | undefined, spec: Json): Json {
  const ranges = objects('limitranges')
    .filter(({ ref }) => ref.namespace === namespace)
    .flatMap(({ json }) => listAt(json, 'spec', 'limits'))
    .filter((one) => textAt(one, 'type') === 'Container')
  const limits = Object.assign({}, ...ranges.map((one) => recordAt(one, 'default')))
  const requests = Object.assign({}, limits, ...ranges.map((one) => recordAt(one, 'defaultRequest')))
  const fill = (container: unknown): Json => {
    const own = recordAt(container, 'resources', 'limits')
    const asked = { ...requests, ...own, ...recordAt(container, 'resources', 'requests') }
    return { ...recordAt(container), resources: { requests: asked, limits: { ...limits, ...own } } }
  }
  const lists = ['containers', 'initContainers'].map((name) => [name, listAt(spec, name).map(fill)] as const)
  return { ...spec, ...Object.fromEntries(lists) }
}
