import { collectors } from '../../collectors/index.ts'
import { groupVersion, resourceName, type Scope, type ServedResource } from '../bundle/format.ts'
import type { Collector } from '../collector.ts'
import { KubeError } from '../sources/kube/client.ts'
import { discover } from '../sources/kube/discover.ts'
import type { Discovery } from '../sources/kube/discovery.ts'
import { captureIdentity, isAllowed, type Reviewed } from './identity.ts'
import type { CaptureOptions, CapturePlan, PlannedSource } from './options.ts'
import { describeNodeSources } from './plan-nodes.ts'
import { describeOptions, optionQuestions } from './plan-options.ts'
import { selectCollectors } from './select.ts'

/** Objects per list page, as the capture asks. */
const PAGE_SIZE = 500

/**
 * What a capture would ask of this cluster with this identity. Asks version, discovery, access reviews and one `limit=1` list for each
 * resource; reads no logs and writes nothing.
 */
export async function planCapture(
  options: Pick<
    CaptureOptions,
    'kube' | 'namespaces' | 'only' | 'skip' | 'logs' | 'nodes' | 'inside' | 'clusterName' | 'signal'
  >,
): Promise<CapturePlan> {
  const { kube, namespaces, signal } = options
  const { selected } = selectCollectors(collectors, options.only, options.skip, options.inside.ways)
  const discovery = await discover(kube, signal)
  const beside = options.nodes === 'none' ? [] : optionQuestions(discovery, options)
  const reviewed = await captureIdentity(kube, selected, discovery, namespaces, signal, beside)
  const sources = await Promise.all(
    selected.flatMap((collector) => planCollector(collector, discovery, options, reviewed)),
  )
  return {
    cluster: {
      name: options.clusterName ?? kube.clusterName,
      server: kube.server,
      version: discovery.version?.gitVersion ?? null,
    },
    identity: reviewed.identity,
    sources: sources.sort((a, b) => a.band - b.band),
    options: options.nodes === 'none' ? [] : describeOptions(collectors, discovery, options, reviewed),
  }
}

type PlanOptions = Pick<CaptureOptions, 'kube' | 'namespaces' | 'logs' | 'nodes' | 'inside' | 'signal'>

function planCollector(
  collector: Collector,
  discovery: Discovery,
  options: PlanOptions,
  reviewed: Reviewed,
): Promise<PlannedSource>[] {
  const { resources } = discovery
  const taken = collector.takes ? resources.filter(collector.takes) : resourcesOf(collector, resources)
  const lists = taken.flatMap((resource) =>
    namespacesOf(resource, options).map((namespace) =>
      isWatched(collector, resource)
        ? planWatch(collector, resource, namespace, reviewed)
        : planList(collector, resource, namespace, options, reviewed),
    ),
  )
  return [
    ...lists,
    ...planElsewhere(collector, resources, options, reviewed),
    ...pathsOf(collector).map((path) => planPath(collector, path, reviewed)),
    ...planLogs(collector, options, reviewed),
    ...describeNodeSources(collector, discovery, options, reviewed).map(async (source) => source),
  ]
}

/** The lists that a cluster collector declares; subresources are no lists. */
function resourcesOf(collector: Collector, resources: readonly ServedResource[]): ServedResource[] {
  return resources.filter((served) => declares(collector, 'list', served))
}

function isWatched(collector: Collector, resource: ServedResource): boolean {
  return declares(collector, 'watch', resource)
}

function declares(collector: Collector, verb: 'list' | 'watch', served: ServedResource): boolean {
  return collector.reads.some(
    (read) =>
      'resources' in read &&
      read.verbs.includes(verb) &&
      read.group === served.group &&
      read.resources.includes(served.resource),
  )
}

function namespacesOf(resource: ServedResource, options: PlanOptions): (string | undefined)[] {
  return resource.namespaced && options.namespaces ? [...options.namespaces] : [undefined]
}

function pathsOf(collector: Collector): string[] {
  return collector.reads.flatMap((read) => ('nonResourceURLs' in read ? [...read.nonResourceURLs] : []))
}

/** A watch and the `limit=1` list that it begins at; the objects are another collector's. What will change, nobody knows. */
async function planWatch(
  collector: Collector,
  resource: ServedResource,
  namespace: string | undefined,
  reviewed: Reviewed,
): Promise<PlannedSource> {
  const scope: Scope = { ...describeList(resource, namespace), path: 'watch' }
  const answers = ['list', 'watch'].map((verb) => mayRead(verb, resource, namespace, reviewed))
  const access = (['denied', 'unknown'] as const).find((one) => answers.includes(one)) ?? 'allowed'
  return describe(collector, scope, access, access === 'denied' ? DENIED : { ...DENIED, requests: 2 })
}

async function planList(
  collector: Collector,
  resource: ServedResource,
  namespace: string | undefined,
  options: PlanOptions,
  reviewed: Reviewed,
): Promise<PlannedSource> {
  const scope = describeList(resource, namespace)
  const access = mayRead('list', resource, namespace, reviewed)
  const size = access === 'denied' ? DENIED : await measureList(resource, namespace, options)
  return describe(collector, scope, size === DENIED ? 'denied' : access, size)
}

function describeList(resource: ServedResource, namespace: string | undefined): Scope {
  return { resource: resourceName(resource), ...(namespace === undefined ? {} : { namespace }) }
}

function mayRead(verb: string, { group, resource }: ServedResource, namespace: string | undefined, reviewed: Reviewed) {
  return isAllowed(reviewed, { verb, group, resource, ...(namespace === undefined ? {} : { namespace }) })
}

const DENIED = { objects: null, requests: null, bytes: null }

/** Counts a list by its first page: `remainingItemCount` gives the rest, and what came (one object, or all where `limit` is ignored) the size of each. */
async function measureList(resource: ServedResource, namespace: string | undefined, options: PlanOptions) {
  const root = resource.group ? `/apis/${groupVersion(resource)}` : `/api/${resource.version}`
  const path = `${root}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${resource.resource}?limit=1`
  try {
    const response = await options.kube.get(path, { signal: options.signal, verb: 'list' })
    const page = JSON.parse(response.body.toString()) as {
      metadata?: { remainingItemCount?: number }
      items?: unknown[]
    }
    const came = page.items?.length ?? 0
    const objects = came + (page.metadata?.remainingItemCount ?? 0)
    const bytes = Math.round((objects * response.body.length) / Math.max(1, came))
    return { objects, requests: Math.max(1, Math.ceil(objects / PAGE_SIZE)), bytes }
  } catch (error) {
    if (error instanceof KubeError && error.status === 403) return DENIED
    if (error instanceof KubeError) return { objects: null, requests: 1, bytes: null }
    throw error
  }
}

/** Lists in a namespace that was not asked for: a part of what is there, nobody knows how much. */
function planElsewhere(
  collector: Collector,
  resources: readonly ServedResource[],
  { namespaces }: PlanOptions,
  reviewed: Reviewed,
): Promise<PlannedSource>[] {
  return collector.reads.flatMap((read) => {
    if (!('resources' in read) || read.alsoIn === undefined || (namespaces?.includes(read.alsoIn) ?? true)) return []
    const { alsoIn } = read
    const taken = resources.filter((one) => one.group === read.group && read.resources.includes(one.resource))
    return taken.map(async (resource) => {
      const access = mayRead('list', resource, alsoIn, reviewed)
      const size = access === 'denied' ? DENIED : { ...DENIED, requests: 1 }
      return describe(collector, describeList(resource, alsoIn), access, size)
    })
  })
}

async function planPath(collector: Collector, path: string, reviewed: Reviewed): Promise<PlannedSource> {
  const access = isAllowed(reviewed, { verb: 'get', path })
  return describe(collector, { path }, access, { objects: null, requests: path.endsWith('*') ? null : 1, bytes: null })
}

/** How many logs there will be depends on who is sick, which only the pods themselves tell. */
function planLogs(collector: Collector, options: PlanOptions, reviewed: Reviewed): Promise<PlannedSource>[] {
  if (collector.scope !== 'pod' || options.logs === 'none') return []
  return (options.namespaces ?? [undefined]).map(async (namespace) => {
    const place = namespace === undefined ? {} : { namespace }
    const access = isAllowed(reviewed, { verb: 'get', group: '', resource: 'pods', subresource: 'log', ...place })
    return describe(collector, { resource: 'pods/log', ...place }, access, DENIED)
  })
}

function describe(
  collector: Collector,
  scope: Scope,
  access: PlannedSource['access'],
  size: Pick<PlannedSource, 'objects' | 'requests' | 'bytes'>,
): PlannedSource {
  const source = { collector: collector.id, title: collector.title, band: collector.volatility, scope, access, ...size }
  return access === 'denied' ? { ...source, loss: describeLoss(scope) } : source
}

function describeLoss(scope: Scope): string {
  const place = scope.namespace === undefined ? '' : ` in namespace ${scope.namespace}`
  return `the bundle will hold no ${describeKind(scope)}${place}`
}

function describeKind({ resource, path }: Scope): string | undefined {
  if (resource === 'pods/log') return 'logs'
  return resource !== undefined && path === 'watch' ? `changes of ${resource}` : (resource ?? path)
}
