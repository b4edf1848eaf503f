import type { Manifest } from '../bundle/format.ts'
import type { BundleReader } from '../bundle/reader.ts'
import { type ApiServer, readApiServer } from './apiserver.ts'
import { statementsOfAttachments } from './attach-error.ts'
import { type Clocks, readClocks } from './clock.ts'
import { compareText } from './compare-text.ts'
import { type ContainerLog, readLogs } from './container-log.ts'
import { createIdentify } from './counters/identify.ts'
import { type Coverage, readCoverage } from './coverage.ts'
import { type Dependency, findDependencies } from './dependency.ts'
import { type KubeEvent, readEvent, slimEvent } from './event.ts'
import { type Measured, readMeasured } from './measured.ts'
import type { MessageId } from './messages/index.ts'
import { type Node, readNode, slimNode } from './node.ts'
import { withNodes } from './node-coverage.ts'
import { readNodeSaid } from './node-logs/node-said.ts'
import type { KubeObject } from './object.ts'
import { createOwners } from './owners.ts'
import { type Pod, readPod } from './pod.ts'
import { readObjects, type Unreadable } from './read-objects.ts'
import { findRecentChanges, type RecentChange } from './recent-change.ts'
import { keyOf, type Ref } from './reference.ts'
import { readService, type Service } from './service.ts'
import { createSlimmer } from './slim.ts'
import {
  readMeanings,
  type Said,
  statementOfEvent,
  statementsOfConditions,
  statementsOfLog,
  statementsOfPod,
} from './statement.ts'
import { withUnserved } from './unserved.ts'
import type { Use } from './uses.ts'
import { readWatched, type WatchedChange } from './watched-change.ts'
import { readWorkload, type Workload } from './workload.ts'

/** One tolerant reading of a bundle that all rules share. Every list is in a fixed order, whatever the archive's. Times are in milliseconds. */
export interface Incident extends Measured {
  readonly manifest: Manifest
  /** When the capture began and ended, by the API server's clock. Ages are against `now`, its end. */
  readonly start: number
  readonly now: number
  readonly coverage: Coverage
  readonly clocks: Clocks
  readonly pods: readonly Pod[]
  readonly nodes: readonly Node[]
  /** What pods belong to at the top of their owners, and Deployments, StatefulSets and DaemonSets without pods. */
  readonly workloads: readonly Workload[]
  readonly services: readonly Service[]
  /** Oldest first. */
  readonly events: readonly KubeEvent[]
  readonly logs: readonly ContainerLog[]
  /** What the watches saw of pods, nodes and events while the capture ran, oldest first. */
  readonly watched: readonly WatchedChange[]
  /** What the API server said of itself, in numbers and checks. */
  readonly apiServer: ApiServer
  /** What could not be read of the bundle. */
  readonly unreadable: readonly Unreadable[]
  /** Every object of a resource, `deployments.apps`; pods too, events not. */
  objects(resource: string): readonly KubeObject[]
  /** The resources that hold objects, sorted. */
  readonly resources: readonly string[]
  find(kind: string, namespace: string | undefined, name: string): KubeObject | undefined
  podOf(ref: Ref): Pod | undefined
  nodeOf(name: string): Node | undefined
  workloadOf(ref: Ref): Workload | undefined
  /** The workload that a pod, a ReplicaSet or any owned object belongs to, found by owner references and names even where it is gone. */
  topOf(ref: Ref): Ref
  podsOn(node: string): readonly Pod[]
  /** Events about an object; of a pod with that name whatever its uid. */
  eventsAbout(ref: Ref): readonly KubeEvent[]
  eventsOf(reason: string): readonly KubeEvent[]
  logsOf(pod: Ref): readonly ContainerLog[]
  /** Whatever any component said that means this, oldest first: events, container states, conditions, status messages, log lines, logs of nodes. */
  said(...ids: readonly MessageId[]): readonly Said[]
  /** What was said about an object or a container of it. */
  saidAbout(ref: Ref): readonly Said[]
  usesOf(pod: Pod): readonly Use[]
  /** The pods whose spec names a ConfigMap, Secret, claim or account. */
  usersOf(kind: Use['kind'], namespace: string | undefined, name: string): readonly Pod[]
  servicesOf(pod: Pod): readonly Service[]
  /** Who calls whom, by evidence. */
  readonly dependencies: readonly Dependency[]
  /** What changed lately, newest last. */
  readonly changes: readonly RecentChange[]
}

/** Reads a bundle: one pass over its lists and logs. What cannot be read is left out and said in `unreadable`. */
export async function readIncident(bundle: BundleReader): Promise<Incident> {
  const unreadable: Unreadable[] = []
  const byResource = new Map<string, KubeObject[]>()
  const slimPod = createSlimmer()
  const owners = createOwners()
  const events: KubeEvent[] = []
  for await (const object of readObjects(bundle, (one) => unreadable.push(one))) {
    const resource = object.group === '' ? object.resource : `${object.resource}.${object.group}`
    if (object.resource === 'events') {
      events.push(slimEvent(readEvent(object)))
      continue
    }
    owners.add(object)
    // Slimmed at once: the top of its owners may not be read yet, so that comes later.
    const kept =
      resource === 'pods'
        ? slimPod(readPod(object, () => object.ref))
        : resource === 'nodes'
          ? slimNode(object)
          : object
    const known = byResource.get(resource)
    if (known) known.push(kept)
    else byResource.set(resource, [kept])
  }
  const logs = await readLogs(bundle)
  const watched = await readWatched(bundle).catch(() => [])
  const apiServer = await readApiServer(bundle)
  for (const objects of byResource.values()) objects.sort(byPlace)
  const pods = (byResource.get('pods') ?? []).map((pod) => ({ ...(pod as Pod), workload: owners.topOf(pod.ref) }))
  byResource.set('pods', pods)
  const measured = await readMeasured(bundle, pods)
  const nodeSaid = await readNodeSaid(bundle, createIdentify(pods, 'ended too'))
  return index(bundle, {
    unreadable,
    byResource,
    pods,
    events: events.sort(byTime),
    logs,
    watched,
    apiServer,
    measured,
    nodeSaid,
    topOf: owners.topOf,
  })
}

interface Read {
  readonly unreadable: readonly Unreadable[]
  readonly byResource: ReadonlyMap<string, readonly KubeObject[]>
  readonly pods: readonly Pod[]
  /** Oldest first. */
  readonly events: readonly KubeEvent[]
  readonly logs: readonly ContainerLog[]
  readonly watched: readonly WatchedChange[]
  readonly apiServer: ApiServer
  readonly measured: Measured
  readonly nodeSaid: readonly Said[]
  readonly topOf: (ref: Ref) => Ref
}

function index(bundle: BundleReader, read: Read): Incident {
  const { unreadable, byResource, pods, events, logs, watched, apiServer, measured, nodeSaid, topOf } = read
  const { manifest } = bundle
  const objects = (resource: string): readonly KubeObject[] => byResource.get(resource) ?? []
  const offset = manifest.window.clockOffsetMs ?? 0
  const nodes = objects('nodes').map(readNode)
  const podsByKey = new Map(pods.map((pod) => [keyOf(pod.ref), pod]))
  const podsByNode = Map.groupBy(pods, (pod) => pod.node)
  const podsByNamespace = Map.groupBy(pods, (pod) => pod.ref.namespace ?? '')
  const nodesByName = new Map(nodes.map((node) => [node.ref.name, node]))
  const byKey = once(
    () => new Map([...byResource.values()].flatMap((list) => list.map((one) => [keyOf(one.ref), one] as const))),
  )
  const eventsByKey = Map.groupBy(events, ({ about }) => keyOf(about))
  const eventsByReason = Map.groupBy(events, ({ reason }) => reason)
  const logsByPod = Map.groupBy(logs, ({ namespace, pod }) => `${namespace}/${pod}`)
  const workloads = readWorkloads(pods, objects, topOf)
  const workloadsByKey = new Map(workloads.map((one) => [keyOf(one.ref), one]))
  const services = readServices(objects, podsByNamespace)
  const servicesByNamespace = Map.groupBy(services, ({ object }) => object.ref.namespace ?? '')
  const said = once(() => [...readSaid({ pods, events, logs, byResource }), ...nodeSaid].sort(bySaid))
  const saidById = once(() => Map.groupBy(said(), ({ id }) => id))
  const saidByKey = once(() => Map.groupBy(said(), ({ about }) => keyOf(about)))
  const users = once(() => indexUsers(pods))
  const dependencies = once(() => findDependencies(incident))
  const changes = once(() => findRecentChanges(incident))

  const incident: Incident = {
    manifest,
    start: Date.parse(manifest.window.start) + offset,
    now: Date.parse(manifest.window.end) + offset,
    coverage: withNodes(
      withUnserved(readCoverage(manifest, bundle.files.keys()), objects),
      nodes.map(({ ref }) => ref.name),
    ),
    clocks: readClocks(objects('leases.coordination.k8s.io')),
    pods,
    nodes,
    workloads,
    services,
    events,
    logs,
    watched,
    apiServer,
    ...measured,
    unreadable,
    objects,
    resources: [...byResource.keys()].sort(),
    find: (kind, namespace, name) =>
      byKey().get(keyOf({ kind, ...(namespace === undefined ? {} : { namespace }), name })),
    podOf: (ref) => podsByKey.get(keyOf(ref)),
    nodeOf: (name) => nodesByName.get(name),
    workloadOf: (ref) => workloadsByKey.get(keyOf(ref)),
    topOf,
    podsOn: (node) => podsByNode.get(node) ?? [],
    eventsAbout: (ref) => eventsByKey.get(keyOf(ref)) ?? [],
    eventsOf: (reason) => eventsByReason.get(reason) ?? [],
    logsOf: ({ namespace, name }) => logsByPod.get(`${namespace}/${name}`) ?? [],
    said: (...ids) =>
      ids.length === 1
        ? (saidById().get(ids[0] as MessageId) ?? [])
        : ids.flatMap((id) => saidById().get(id) ?? []).sort(bySaid),
    saidAbout: (ref) =>
      (saidByKey().get(keyOf(ref)) ?? []).filter(
        ({ about }) => ref.container === undefined || about.container === ref.container,
      ),
    usesOf: ({ uses }) => uses,
    usersOf: (kind, namespace, name) => users().get(`${kind}/${namespace ?? ''}/${name}`) ?? [],
    servicesOf: (pod) =>
      (servicesByNamespace.get(pod.ref.namespace ?? '') ?? []).filter((service) => service.pods.includes(pod)),
    get dependencies() {
      return dependencies()
    },
    get changes() {
      return changes()
    },
  }
  return incident
}

/** Objects in the order of namespace and name: pages may come in any. */
function byPlace(a: KubeObject, b: KubeObject): number {
  return compareText(keyOf(a.ref), keyOf(b.ref)) || compareText(a.uid, b.uid)
}

function byTime(a: KubeEvent, b: KubeEvent): number {
  return (a.first ?? 0) - (b.first ?? 0) || byPlace(a.object, b.object)
}

function bySaid(a: Said, b: Said): number {
  return (a.first ?? 0) - (b.first ?? 0) || compareText(keyOf(a.about), keyOf(b.about)) || compareText(a.text, b.text)
}

function readWorkloads(
  pods: readonly Pod[],
  objects: (resource: string) => readonly KubeObject[],
  topOf: (ref: Ref) => Ref,
): readonly Workload[] {
  const own = [
    'deployments.apps',
    'statefulsets.apps',
    'daemonsets.apps',
    'cronjobs.batch',
    'jobs.batch',
    'replicationcontrollers',
    'rollouts.argoproj.io',
  ]
  const known = new Map(own.flatMap(objects).map((object) => [keyOf(object.ref), object]))
  const podsOf = Map.groupBy(pods, (pod) => keyOf(pod.workload))
  const refs = new Map(pods.map((pod) => [keyOf(pod.workload), pod.workload]))
  for (const object of known.values()) {
    const top = topOf(object.ref)
    refs.set(keyOf(top), top)
  }
  const replicaSets = Map.groupBy(objects('replicasets.apps'), (one) => keyOf(topOf(one.ref)))
  const revisions = Map.groupBy(objects('controllerrevisions.apps'), ({ ref, owners: [owner] }) =>
    keyOf({ ...ref, kind: owner?.kind ?? '', name: owner?.name ?? '' }),
  )
  return [...refs]
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, ref]) =>
      readWorkload(
        ref,
        known.get(key),
        podsOf.get(key) ?? [],
        replicaSets.get(key) ?? [],
        revisions.get(keyOf(ref)) ?? [],
      ),
    )
}

function readServices(
  objects: (resource: string) => readonly KubeObject[],
  pods: ReadonlyMap<string, readonly Pod[]>,
): readonly Service[] {
  const slices = Map.groupBy(
    objects('endpointslices.discovery.k8s.io'),
    ({ ref, labels }) => `${ref.namespace}/${labels['kubernetes.io/service-name']}`,
  )
  return objects('services').map((service) =>
    readService(
      service,
      pods.get(service.ref.namespace ?? '') ?? [],
      slices.get(`${service.ref.namespace}/${service.ref.name}`) ?? [],
    ),
  )
}

/** Kinds whose conditions are read elsewhere, or say nothing. */
const WITHOUT_CONDITIONS = new Set([
  'events',
  'events.events.k8s.io',
  'leases.coordination.k8s.io',
  'customresourcedefinitions.apiextensions.k8s.io',
])

function readSaid({
  pods,
  events,
  logs,
  byResource,
}: {
  pods: readonly Pod[]
  events: readonly KubeEvent[]
  logs: readonly ContainerLog[]
  byResource: ReadonlyMap<string, readonly KubeObject[]>
}): readonly Said[] {
  const said: Said[] = []
  for (const event of events) said.push(...readMeanings(statementOfEvent(event)))
  for (const pod of pods) for (const one of statementsOfPod(pod)) said.push(...readMeanings(one))
  const attachments = byResource.get('volumeattachments.storage.k8s.io') ?? []
  for (const one of statementsOfAttachments(attachments, byResource.get('persistentvolumeclaims') ?? [], pods))
    said.push(...readMeanings(one))
  for (const log of logs) for (const one of statementsOfLog(log)) said.push(...readMeanings(one))
  for (const [resource, objects] of byResource) {
    if (WITHOUT_CONDITIONS.has(resource)) continue
    for (const object of objects) for (const one of statementsOfConditions(object)) said.push(...readMeanings(one))
  }
  return said
}

function indexUsers(pods: readonly Pod[]): ReadonlyMap<string, readonly Pod[]> {
  const users = new Map<string, Pod[]>()
  for (const pod of pods) {
    const keys = new Set(pod.uses.map(({ kind, name }) => `${kind}/${pod.ref.namespace ?? ''}/${name}`))
    for (const key of keys) {
      const known = users.get(key)
      if (known) known.push(pod)
      else users.set(key, [pod])
    }
  }
  return users
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
