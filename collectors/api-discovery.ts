import type { Close, CollectContext, Collector, Evidence } from '../src/collector.ts'
import type { DiscoveryAnswer } from '../src/sources/kube/discovery.ts'
import { askPath } from './ask-path.ts'
import { obtainedBy } from './obtained.ts'

/** OpenAPI documents of one bundle; the built-in groups have 9 MB (Kubernetes 1.34), some clusters serve hundreds of custom ones. */
const OPENAPI_BYTES = 32 * 1024 * 1024

/** What the server serves, exactly as answered, so that a replay can repeat it: version, discovery, OpenAPI v3. */
export const apiDiscovery: Collector = {
  id: 'api-discovery',
  title: 'API discovery',
  volatility: 5,
  scope: 'cluster',
  reads: [{ nonResourceURLs: ['/version', '/api', '/api/*', '/apis', '/apis/*', '/openapi/*'] }],
  async *collect(context) {
    const { answers, stale, version, cost } = await context.discovery
    for (const answer of answers) yield storeAnswer(answer)
    yield { type: 'close', scope: { path: '/apis' }, status: 'complete', cost }
    if (!version) yield fail('/version', 'the server did not tell its version')
    for (const { groupVersion, reason } of stale) yield fail(pathOf(groupVersion), reason)
    yield* storeOpenApi(context)
  },
}

function fail(path: string, reason: string): Close {
  return { type: 'close', scope: { path }, status: 'failed', reason }
}

function pathOf(groupVersion: string): string {
  return groupVersion.includes('/') ? `/apis/${groupVersion}` : `/api/${groupVersion}`
}

/** `/api/v1` is kept as `cluster/discovery/api/v1.json`, `/apis` in its aggregated form as `cluster/discovery/apis.aggregated.json`. */
function storeAnswer({ path, form, response }: DiscoveryAnswer): Evidence {
  const file =
    path === '/version'
      ? 'cluster/version.json'
      : `cluster/discovery${path}${form === 'aggregated' ? '.aggregated' : ''}.json`
  return {
    type: 'evidence',
    scope: { path: '/apis' },
    path: file,
    body: response.body,
    content: { type: 'json' },
    obtained: obtainedBy(`GET ${path}`, response),
  }
}

async function* storeOpenApi(context: CollectContext): AsyncGenerator<Evidence | Close> {
  let index: Index = {}
  for await (const item of askJson(context, '/openapi/v3', 'cluster/openapi/v3.json')) {
    if (item.type === 'evidence') index = readIndex(item.body)
    yield item
  }
  let left = OPENAPI_BYTES
  for (const [name, { serverRelativeURL: path }] of Object.entries(index)) {
    if (!path || !IS_SERVED.test(name)) continue
    if (left <= 0) {
      yield { type: 'close', scope: { path }, status: 'truncated', reason: BUDGET_SPENT }
      continue
    }
    for await (const item of askJson(context, path, `cluster/openapi/v3/${name}.json`)) {
      if (item.type === 'evidence') left -= item.body.length
      yield item
    }
  }
}

/** Documents by name, as `apis/apps/v1`; the other ones (`version`, `openid/v1/jwks`, `.well-known/…`) describe no objects. */
type Index = Readonly<Record<string, { readonly serverRelativeURL?: string }>>

const IS_SERVED = /^apis?(\/|$)/

const BUDGET_SPENT = `OpenAPI documents of ${OPENAPI_BYTES} bytes are in the bundle already`

function askJson(context: CollectContext, path: string, file: string): AsyncGenerator<Evidence | Close> {
  return askPath(context, { path, file, content: { type: 'json' }, accept: 'application/json' })
}

/** What is no JSON (a proxy's login page) names no documents; whether it is kept is the redaction's to say. */
function readIndex(body: Buffer): Index {
  try {
    return (JSON.parse(body.toString('utf8')) as { paths?: Index }).paths ?? {}
  } catch {
    return {}
  }
}
