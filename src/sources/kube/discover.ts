import type { ServedResource } from '../../bundle/format.ts'
import { type KubeClient, KubeError } from './client.ts'
import type { Discovery, DiscoveryAnswer } from './discovery.ts'

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

/**
 * Asks what the server serves: /version, the aggregated documents and every plain one, all kept as answered. A group whose server is
 * dead becomes `stale`; the rest works. Throws when /api and /apis cannot be had.
 */
export async function discover(kube: KubeClient, signal: AbortSignal): Promise<Discovery> {
  const ask = createAsker(kube, signal)
  const [version, core, groups] = await Promise.all([ask.optional('/version'), ask.plain('/api'), ask.plain('/apis')])
  const versions = listVersions(parse(core), parse(groups))
  await Promise.all([ask.aggregated('/api'), ask.aggregated('/apis'), ...versions.map((one) => ask.document(one))])
  const { answers, stale } = ask
  return {
    answers,
    stale,
    resources: listResources(versions, (one) =>
      answers.find((answer) => answer.path === one.path && answer.form === 'plain'),
    ),
    version: version && (parse(version) as Discovery['version']),
  }
}

interface GroupVersion {
  readonly group: string
  readonly version: string
  readonly path: string
  /** The server's preference within the group, 0 first. */
  readonly rank: number
}

function createAsker(kube: KubeClient, signal: AbortSignal) {
  const answers: DiscoveryAnswer[] = []
  const stale: { groupVersion: string; reason: string }[] = []

  async function ask(path: string, form: DiscoveryAnswer['form'], accept: string): Promise<DiscoveryAnswer> {
    const answer = { path, form, response: await kube.get(path, { signal, verb: 'get', accept }) }
    answers.push(answer)
    return answer
  }

  const plain = (path: string) => ask(path, 'plain', 'application/json')
  return {
    answers,
    stale,
    plain,
    optional: (path: string) => plain(path).catch(ignoreAnswers),
    /** Servers before 1.26 answer the plain form; it is the one that was asked for that counts. */
    async aggregated(path: string) {
      const answer = await ask(path, 'aggregated', AGGREGATED).catch(ignoreAnswers)
      if (answer && !answer.response.contentType.includes('APIGroupDiscoveryList'))
        answers.splice(answers.indexOf(answer), 1)
    },
    async document(one: GroupVersion) {
      try {
        await plain(one.path)
      } catch (error) {
        if (!(error instanceof KubeError)) throw error
        stale.push({ groupVersion: one.group ? `${one.group}/${one.version}` : one.version, reason: error.message })
      }
    },
  }
}

function ignoreAnswers(error: unknown): undefined {
  if (!(error instanceof KubeError)) throw error
  return undefined
}

function parse(answer: DiscoveryAnswer): unknown {
  return JSON.parse(answer.response.body.toString('utf8'))
}

function listVersions(core: unknown, groups: unknown): GroupVersion[] {
  const legacy = (core as { versions?: string[] }).versions ?? []
  const named = (groups as { groups?: ApiGroup[] }).groups ?? []
  return [
    ...legacy.map((version, rank) => ({ group: '', version, path: `/api/${version}`, rank })),
    ...named.flatMap((group) => {
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
    }),
  ]
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
  answerOf: (one: GroupVersion) => DiscoveryAnswer | undefined,
): ServedResource[] {
  const found = new Map<string, ServedResource & { alsoServedAs: string[] }>()
  for (const one of [...versions].sort((a, b) => a.rank - b.rank)) {
    const answer = answerOf(one)
    const document = answer && (parse(answer) as { resources?: ApiResource[] })
    for (const resource of document?.resources ?? []) {
      if (resource.name.includes('/') || !resource.verbs?.includes('list')) continue
      const key = `${resource.name}.${one.group}`
      const known = found.get(key)
      if (known) known.alsoServedAs.push(one.group ? `${one.group}/${one.version}` : one.version)
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
