import type { Dependency } from './dependency.ts'
import { readDnsName } from './dns-name.ts'
import { serviceAt, serviceOf, workloadsBehind } from './endpoints.ts'
import type { Incident } from './incident.ts'
import type { Pod } from './pod.ts'
import { keyOf, type Ref, uniqueRefs } from './reference.ts'
import type { Service } from './service.ts'
import { STORES, type StoreKind } from './stores.ts'

/** The data store that somebody speaks of. */
export interface Store {
  readonly ref: Ref
  /** Whether the speaker is it, or calls it by evidence; otherwise it is only the one of its kind that is near. */
  readonly isNamed: boolean
}

/**
 * Finds the store of a kind that a workload speaks of: itself, the one that it calls, or the only one of its namespace. Images of private
 * mirrors may be called anything: then what names it counts, its Service, a variable or the scheme of an address, and the port. Of hosts with
 * a port in the words of the refusal a Service is the store before all else.
 */
export function findStore(incident: Incident, component: string, speaker: Ref, words = ''): Store | undefined {
  const kind = STORES[component]
  if (!kind) return undefined
  if (runs(incident, speaker, kind) || listens(incident, speaker, kind)) return { ref: speaker, isNamed: true }
  const told = uniqueRefs(
    [...words.matchAll(HOST)].flatMap(([, host = '']) => serviceNamed(incident, host, speaker, kind)),
  )
  const [only, ...more] = told
  if (only && more.length === 0) return { ref: only, isNamed: true }
  const calls = incident.dependencies.filter(({ from, to }) => keyOf(from) === keyOf(speaker) && to.kind === 'Service')
  const named = [
    () => calls.flatMap(({ to }) => behind(incident, to)).filter((ref) => runs(incident, ref, kind)),
    () => calls.filter((call) => tellsName(call, kind)).flatMap(({ to }) => behind(incident, to)),
    () => calls.filter(({ to }) => hasPort(serviceOf(incident, to), kind)).flatMap(({ to }) => behind(incident, to)),
  ]
  const near = [
    () => incident.workloads.map(({ ref }) => ref).filter((ref) => isNear(ref, speaker) && runs(incident, ref, kind)),
    () =>
      incident.services
        .filter(({ object: { ref } }) => isNear(ref, speaker) && kind.name.test(ref.name))
        .filter((service) => hasPort(service, kind))
        .flatMap(({ object }) => behind(incident, object.ref)),
  ]
  const called = firstOf(named)
  const found = called.length > 0 ? called : firstOf(near)
  const [ref, ...others] = found
  return ref && others.length === 0 ? { ref, isNamed: called.length > 0 } : undefined
}

/** `redis.data:6379`, as clients name whom they talk to. */
const HOST = /(?<![\w.-])([a-z][a-z0-9-]{0,62}(?:\.[a-z0-9-]{1,63}){0,6}):\d{2,5}\b/g

/** What stands behind a Service that a host names, if it is of this kind. */
function serviceNamed(incident: Incident, host: string, speaker: Ref, kind: StoreKind): readonly Ref[] {
  const [first = '', space = ''] = host.split('.')
  const service = readDnsName(incident, host, speaker.namespace ?? '').found ?? serviceAt(incident, space, first)
  if (!service) return []
  const refs = behind(incident, service.object.ref)
  const isOfKind = hasPort(service, kind) || kind.name.test(service.object.ref.name)
  return isOfKind || refs.some((ref) => runs(incident, ref, kind)) ? refs : []
}

function firstOf(ways: readonly (() => readonly Ref[])[]): readonly Ref[] {
  for (const way of ways) {
    const found = uniqueRefs(way())
    if (found.length > 0) return found
  }
  return []
}

function isNear(ref: Ref, speaker: Ref): boolean {
  return ref.namespace === speaker.namespace && keyOf(ref) !== keyOf(speaker)
}

/** The workloads that a Service leads to, else itself: its pods may be outside, or were not collected. */
function behind(incident: Incident, to: Ref): readonly Ref[] {
  const service = serviceOf(incident, to)
  const pods = service?.pods.map(({ workload }) => workload) ?? []
  const workloads = service ? workloadsBehind(incident, service).map(({ ref }) => ref) : []
  return pods.length + workloads.length > 0 ? uniqueRefs([...pods, ...workloads]) : [to]
}

function tellsName({ to, settings = [] }: Dependency, { name }: StoreKind): boolean {
  return name.test(to.name) || settings.some((one) => name.test(one))
}

function hasPort(service: Service | undefined, { ports }: StoreKind): boolean {
  return service?.ports.some(({ port }) => port !== undefined && ports.includes(port)) === true
}

/** Whether a workload is called on a port of the store itself. */
function listens(incident: Incident, workload: Ref, kind: StoreKind): boolean {
  const pods = incident.workloadOf(workload)?.pods ?? []
  return pods.some((pod) => incident.servicesOf(pod).some((service) => hasPort(service, kind)))
}

function runs(incident: Incident, workload: Ref, { image }: StoreKind): boolean {
  const names = (incident.workloadOf(workload)?.pods ?? []).flatMap(({ containers }) => containers.map(nameOfImage))
  return names.some((name) => image.test(name) && !NO_STORE.test(name))
}

/** What is made for a store and is none. */
const NO_STORE = /exporter|operator|backup|metrics|client|proxy|ui$|connect/

function nameOfImage({ image }: Pod['containers'][number]): string {
  return image.split('@')[0]?.split('/').at(-1)?.replace(/:.*/, '') ?? ''
}
