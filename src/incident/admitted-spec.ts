import type { Incident } from './incident.ts'
import { type Json, listAt, recordAt, textAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import type { Pod } from './pod.ts'
import { keyOf } from './reference.ts'

/** The newest pod that was made from the template of an object, running or not: its spec is what admission made of it. */
export function newestPodOf({ pods }: Incident, { ref }: KubeObject): Pod | undefined {
  const own = pods.filter(({ ownerRef, workload, ref: { namespace } }) => {
    return namespace === ref.namespace && (keyOf(workload) === keyOf(ref) || isOwnedBy(ref, namespace, ownerRef))
  })
  return own.reduce<Pod | undefined>((newest, pod) => {
    return newest === undefined || (pod.created ?? 0) > (newest.created ?? 0) ? pod : newest
  }, undefined)
}

function isOwnedBy(ref: KubeObject['ref'], namespace: string | undefined, owner: Pod['ownerRef']): boolean {
  return owner !== undefined && owner.kind === ref.kind && owner.name === ref.name && namespace === ref.namespace
}

/** The spec of a template with what webhooks and LimitRanges have set in a pod that was made from it. */
export function admittedSpec(template: Json, pod: Pod | undefined): Json {
  if (!pod) return template
  const ownOf = new Map(pod.containers.map(({ name, spec }) => [name, recordAt(spec, 'resources')]))
  const lists = ['containers', 'initContainers'].map((list) => {
    return [list, listAt(template, list).map((one) => lay(recordAt(one), ownOf.get(textAt(one, 'name'))))] as const
  })
  return { ...recordAt(pod.json, 'spec'), ...template, ...Object.fromEntries(lists) }
}

function lay(container: Json, own: Json | undefined): Json {
  const both = (kind: string) => ({ ...recordAt(container, 'resources', kind), ...recordAt(own, kind) })
  return { ...container, resources: { requests: both('requests'), limits: both('limits') } }
}
