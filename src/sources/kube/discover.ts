import { groupVersion, type ServedResource } from '../../bundle/format.ts'
import { type KubeClient, KubeError, type KubeResponse, type RequestOptions } from './client.ts'
import type { Discovery, DiscoveryAnswer } from './discovery.ts'
import { meterRequests } from './meter.ts'

/** KEP-3352; v2 is GA in 1.30, v2beta1 came in 1.26. The server picks the first form that it knows. */
const AGGREGATED = [
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
].join(',')

/**
 * The same objects under two groups; the left one is left out where the right one is served. Ingresses moved in 1.14 (extensions left in
 * 1.22); events.k8s.io and core events are one storage (kubernetes/kubernetes, pkg/registry/events/rest).
 */
const SAME_OBJECTS: readonly (readonly [string, string])[] = [
  ['events.events.k8s.io', 'events.'],
  ['ingresses.extensions', 'ingresses.networking.k8s.io'],
]

/** Documents of groups come from memory, but those of aggregated APIs from other servers, which may hang. */
const GROUP_MS = 5000

/** An API server that is slow itself has this many times as long for each as it took for its own, within bounds. */
const PATIENCE = 10
const LONGEST_MS = 30_000

/**
 * Asks what the server serves: /version, the aggregated documents and every plain one, all kept as answered. A group whose server is dead,
 * hangs or answers something else becomes `stale`; the rest works. Throws when /api and /apis cannot be had.
 */
export async function discover(kube: KubeClient, signal: AbortSignal): Promise<Discovery> {
  const meter = meterRequests(kube)
  const ask = createAsker(meter.kube, signal)
  const begun = performance.now()
  const [version, { versions }, { groups }] = await Promise.all([
    ask.optional('/version'),
    ask.required('/api', 'versions'),
    ask.required('/apis', 'groups'),
  ])
  const own = listLegacyVersions(versions as string[])
  await Promise.all([ask.aggregated('/api'), ask.aggregated('/apis'), ...own.map((one) => ask.document(one))])
  const timeout = Math.min(Math.max(GROUP_MS, PATIENCE * (performance.now() - begun)), LONGEST_MS)
  const others = listGroupVersions(groups as ApiGroup[])
  await Promise.all(others.map((one) => ask.document(one, timeout)))
  const { answers, stale, documents } = ask
  return {
    answers,
    stale,
    resources: listResources([...own, ...others], ({ path }) => documents.get(path)?.resources as ApiResource[]),
    version: version as Discovery['version'],
    cost: meter.take(),
  }
}

interface GroupVersion {
  readonly group: string
  readonly version: string
  readonly path: string
  /** The server's preference within the group, 0 first. */
  readonly rank: number
}

/** An answer, parsed. */
type Document = Readonly<Record<string, unknown>>

function createAsker(kube: KubeClient, signal: AbortSignal) {
  const answers: DiscoveryAnswer[] = []
  const documents = new Map<string, Document>()
  const stale: { groupVersion: string; reason: string }[] = []

  async function ask(path: string, form: DiscoveryAnswer['form'], options: Partial<RequestOptions>, list?: string) {
    const response = await kube.get(path, { signal, verb: 'get', ...options })
    const document = parse(path, response, list)
    const answer = { path, form, response }
    answers.push(answer)
    return { answer, document }
  }

  /** A document, and the list without which it is none. */
  async function plain(path: string, list?: string, options: Partial<RequestOptions> = {}): Promise<Document> {
    const { document } = await ask(path, 'plain', options, list)
    documents.set(path, document)
    return document
  }

  return {
    answers,
    documents,
    stale,
    required: (path: string, list: string) => plain(path, list).catch(explainAbsence),
    optional: (path: string) => plain(path).catch(ignoreAnswers),
    /** Servers before 1.26 answer the plain form; it is the one that was asked for that counts. */
    async aggregated(path: string) {
      const asked = await ask(path, 'aggregated', { accept: AGGREGATED }).catch(ignoreAnswers)
      if (asked && !asked.answer.response.contentType.includes('APIGroupDiscoveryList'))
        answers.splice(answers.indexOf(asked.answer), 1)
    },
    async document(one: GroupVersion, timeout?: number) {
      try {
        await plain(one.path, 'resources', timeout === undefined ? {} : { timeout })
      } catch (error) {
        if (!(error instanceof KubeError)) throw error
        stale.push({ groupVersion: groupVersion(one), reason: error.message })
      }
    },
  }
}

/** Every API server answers these; a 404 would say that it merely does not serve them. */
function explainAbsence(cause: unknown): never {
  if (!(cause instanceof KubeError) || cause.status !== 404) throw cause
  const message = `What answers is no Kubernetes API server, or one that has not started yet: ${cause.message}`
  throw new KubeError({ message, status: 0, reason: 'InvalidResponse', cause })
}

function ignoreAnswers(error: unknown): undefined {
  if (!(error instanceof KubeError)) throw error
  return undefined
}

function parse(path: string, { body }: KubeResponse, list: string | undefined): Document {
  const document = parseJson(body)
  if (isObject(document) && (list === undefined || Array.isArray(document[list]))) return document
  throw new KubeError({
    message: `${path} was answered with something that is no discovery document.`,
    status: 0,
    reason: 'InvalidResponse',
  })
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Document {
  return typeof value === 'object' && value !== null
}

function listLegacyVersions(versions: readonly string[]): GroupVersion[] {
  return versions.map((version, rank) => ({ group: '', version, path: `/api/${version}`, rank }))
}

function listGroupVersions(groups: readonly ApiGroup[]): GroupVersion[] {
  return groups.flatMap((group) => {
    const preferred = group.preferredVersion?.version
    const ordered = [...group.versions].sort(
      (a, b) => Number(b.version === preferred) - Number(a.version === preferred),
    )
    return ordered.map(({ version }, rank) => ({
      group: group.name,
      version,
      path: `/apis/${group.name}/${version}`,
      rank,
    }))
  })
}

interface ApiGroup {
  name: string
  versions: { version: string }[]
  preferredVersion?: { version: string }
}

interface ApiResource {
  name: string
  kind: string
  namespaced: boolean
  verbs?: string[]
}

/** Each listable resource once: in the first version, by the server's preference, that serves it. */
function listResources(
  versions: readonly GroupVersion[],
  servedBy: (one: GroupVersion) => readonly ApiResource[] | undefined,
): ServedResource[] {
  const found = new Map<string, ServedResource & { alsoServedAs: string[] }>()
  for (const one of [...versions].sort((a, b) => a.rank - b.rank)) {
    for (const resource of servedBy(one) ?? []) {
      if (resource.name.includes('/') || !resource.verbs?.includes('list')) continue
      const key = `${resource.name}.${one.group}`
      const known = found.get(key)
      if (known) known.alsoServedAs.push(groupVersion(one))
      else found.set(key, describeResource(one, resource))
    }
  }
  for (const [double, kept] of SAME_OBJECTS) mergeInto(found, double, kept)
  return [...found.values()].sort((a, b) => compare(a.group, b.group) || compare(a.resource, b.resource))
}

function describeResource(one: GroupVersion, resource: ApiResource): ServedResource & { alsoServedAs: string[] } {
  return {
    group: one.group,
    version: one.version,
    resource: resource.name,
    kind: resource.kind,
    namespaced: resource.namespaced,
    alsoServedAs: [],
  }
}

function mergeInto(
  found: Map<string, ServedResource & { alsoServedAs: string[] }>,
  double: string,
  kept: string,
): void {
  const same = found.get(double)
  const keeper = found.get(kept)
  if (!same || !keeper) return
  keeper.alsoServedAs.push(`${same.group}/${same.version}`, ...same.alsoServedAs)
  found.delete(double)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
