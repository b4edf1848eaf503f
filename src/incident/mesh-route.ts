import { serviceAt } from './endpoints.ts'
import type { Incident } from './incident.ts'
import { listAt, recordAt, stringsAt, textAt, valueAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import type { Ref } from './reference.ts'
import { matchesLabels } from './selector.ts'
import type { Service } from './service.ts'

/** A destination that a VirtualService of Istio sends requests to. */
export interface MeshRoute {
  readonly object: KubeObject
  readonly host: string
  readonly subset: string
  readonly path: readonly (string | number)[]
  /** The Service that the host names, if the bundle holds it. */
  readonly service: Service | undefined
}

/** Every destination of every VirtualService; mirrors are not waited for, and left out. */
export function findMeshRoutes(incident: Incident): readonly MeshRoute[] {
  return incident.objects('virtualservices.networking.istio.io').flatMap((object) =>
    ['http', 'tcp', 'tls'].flatMap((kind) =>
      listAt(object.json, 'spec', kind).flatMap((rule, index) =>
        listAt(rule, 'route').map((route, place): MeshRoute => {
          const host = textAt(route, 'destination', 'host')
          return {
            object,
            host,
            subset: textAt(route, 'destination', 'subset'),
            path: ['spec', kind, index, 'route', place, 'destination'],
            service: serviceOfHost(incident, host, object.ref.namespace),
          }
        }),
      ),
    ),
  )
}

/** The Service of a host in a mesh's object: a short name is one of the object's namespace (Istio, DestinationRule.host). */
export function serviceOfHost(incident: Incident, host: string, own: string | undefined): Service | undefined {
  const [name = '', namespace = own ?? '', ...domain] = host.split('.')
  if (domain.length > 0 && domain[0] !== 'svc') return undefined
  return serviceAt(incident, namespace, name)
}

/** DestinationRules for a Service. */
export function destinationRulesOf(incident: Incident, service: Service): readonly KubeObject[] {
  return incident
    .objects('destinationrules.networking.istio.io')
    .filter((one) => serviceOfHost(incident, textAt(one.json, 'spec', 'host'), one.ref.namespace) === service)
}

/** A subset of a DestinationRule by its name, with its place. */
export function subsetOf(rule: KubeObject, name: string): { readonly path: readonly (string | number)[] } | undefined {
  const index = listAt(rule.json, 'spec', 'subsets').findIndex((one) => textAt(one, 'name') === name)
  return index < 0 ? undefined : { path: ['spec', 'subsets', index] }
}

/** Whether a pod of the Service has the labels of a subset. */
export function hasPods(service: Service, rule: KubeObject, path: readonly (string | number)[]): boolean {
  const wanted = stringsAt(valueAt(rule.json, ...path), 'labels')
  return service.pods.some(({ labels }) => matchesLabels(wanted, labels))
}

/** The workloads behind a Service. */
export function workloadsOfService({ pods }: Service): readonly Ref[] {
  return pods.map(({ workload }) => workload)
}

/** A rule of a VirtualService that injects a fault, or gives up sooner than anything can answer. */
export interface MeshFault {
  readonly object: KubeObject
  readonly path: readonly (string | number)[]
  readonly says: string
  readonly services: readonly Service[]
}

/** What share of requests a fault meets; all of them where it does not say (Istio: `percentage`, `percent`). */
function shareOf(fault: unknown): number {
  const value = valueAt(fault, 'percentage', 'value') ?? valueAt(fault, 'percent')
  return typeof value === 'number' ? value : 100
}

/** Faults that VirtualServices inject. */
export function findMeshFaults(incident: Incident): readonly MeshFault[] {
  return incident.objects('virtualservices.networking.istio.io').flatMap((object) =>
    listAt(object.json, 'spec', 'http').flatMap((rule, index) => {
      const services = listAt(rule, 'route')
        .map((one) => serviceOfHost(incident, textAt(one, 'destination', 'host'), object.ref.namespace))
        .filter((one) => one !== undefined)
      return tellFaults(recordAt(rule, 'fault'), textAt(rule, 'timeout')).map(({ says, field }) => ({
        object,
        path: ['spec', 'http', index, ...field],
        says,
        services,
      }))
    }),
  )
}

function tellFaults(fault: unknown, timeout: string): readonly { says: string; field: readonly string[] }[] {
  const abort = recordAt(fault, 'abort')
  const delay = recordAt(fault, 'delay')
  const status = valueAt(abort, 'httpStatus') ?? valueAt(abort, 'grpcStatus')
  const pause = textAt(delay, 'fixedDelay')
  return [
    ...(status !== undefined && shareOf(abort) > 0
      ? [{ says: `answers ${shareOf(abort)} % of requests with ${String(status)} itself`, field: ['fault', 'abort'] }]
      : []),
    ...(pause !== '' && shareOf(delay) > 0
      ? [{ says: `holds ${shareOf(delay)} % of requests back for ${pause}`, field: ['fault', 'delay'] }]
      : []),
    ...(isTooShort(timeout) ? [{ says: `gives up after ${timeout}`, field: ['timeout'] }] : []),
  ]
}

/** Nothing that goes over a network and does any work answers surely within this (judgement); 0s means no timeout. */
const SHORTEST_TIMEOUT = 10

function isTooShort(timeout: string): boolean {
  const [, number = '', unit] = /^([\d.]+)(ms|s)$/.exec(timeout) ?? []
  const milliseconds = Number(number) * (unit === 's' ? 1000 : 1)
  return milliseconds > 0 && milliseconds < SHORTEST_TIMEOUT
}
