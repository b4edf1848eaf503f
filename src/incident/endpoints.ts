import type { Dependency } from './dependency.ts'
import type { Incident } from './incident.ts'
import { stringsAt } from './kubernetes.ts'
import { onceFor } from './once-for.ts'
import { isAlive, type Pod } from './pod.ts'
import { keyOf, type Ref } from './reference.ts'
import { matchesLabels } from './selector.ts'
import type { Service } from './service.ts'
import type { Workload } from './workload.ts'

const servicesByKey = onceFor(
  ({ services }: Incident) => new Map(services.map((service) => [keyOf(service.object.ref), service])),
)

/** The Service of a reference, if the bundle holds it. */
export function serviceOf(incident: Incident, ref: Ref): Service | undefined {
  return servicesByKey(incident).get(keyOf(ref))
}

/** The Service of a name, if the bundle holds it. */
export function serviceAt(incident: Incident, namespace: string, name: string): Service | undefined {
  return serviceOf(incident, { kind: 'Service', namespace, name })
}

/** Whether nobody answers for a Service that pods should answer for. */
export function hasNoReadyEndpoint({ selector, endpoints, pods, type }: Service): boolean {
  if (type === 'ExternalName' || Object.keys(selector).length === 0) return false
  return endpoints.length > 0 ? endpoints.every(({ ready }) => !ready) : !pods.some(isServing)
}

/** Pods of a Service that are meant to serve: not those that finished. */
export function servingPods({ pods }: Service): readonly Pod[] {
  return pods.filter(isAlive)
}

function isServing({ ready, deleted, phase }: Pod): boolean {
  return ready && deleted === undefined && phase === 'Running'
}

/** The workloads whose pods a Service selects, or would select if they had any. */
export function workloadsBehind(incident: Incident, { object, selector }: Service): readonly Workload[] {
  return incident.workloads.filter((workload) => {
    if (workload.ref.namespace !== object.ref.namespace || workload.object === undefined) return false
    const labels = stringsAt(workload.object.json, 'spec', 'template', 'metadata', 'labels')
    return Object.keys(selector).length > 0 && matchesLabels(selector, labels)
  })
}

/** Calls to a Service that these pods are behind. */
export function callsTo({ servicesOf, dependencies }: Incident, pods: readonly Pod[]): readonly Dependency[] {
  const services = new Set(pods.flatMap(servicesOf).map(({ object }) => keyOf(object.ref)))
  return dependencies.filter(({ to }) => services.has(keyOf(to)))
}

/** Who calls a Service or host, by evidence. */
export function callersOf(incident: Incident, ref: Ref, failing?: boolean): readonly Ref[] {
  return incident.dependencies
    .filter((one) => keyOf(one.to) === keyOf(ref) && (failing === undefined || one.failing === failing))
    .map(({ from }) => from)
}
