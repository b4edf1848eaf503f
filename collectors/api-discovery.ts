import type { Close, CollectContext, Collector, Evidence } from '../src/collector.ts'
import type { KubeResponse } from '../src/sources/kube/client.ts'
import type { DiscoveryAnswer } from '../src/sources/kube/discovery.ts'
import { askPath } from './ask-path.ts'

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
    const { answers, stale } = await context.discovery
    for (const answer of answers) yield storeAnswer(answer)
    yield { type: 'close', scope: { path: '/apis' }, status: 'complete' }
    for (const { groupVersion, reason } of stale) {
      yield { type: 'close', scope: { path: `/apis/${groupVersion}` }, status: 'failed', reason }
    }
    yield* storeOpenApi(context)
  },
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
    obtained: describe(`GET ${path}`, response),
  }
}

function describe(request: string, response: KubeResponse): Evidence['obtained'] {
  const { status, serverDate, at } = response
  return { request, status, ...(serverDate === undefined ? {} : { serverDate }), at: at.toISOString() }
}

async function* storeOpenApi(context: CollectContext): AsyncGenerator<Evidence | Close> {
  let left = OPENAPI_BYTES
  const index: Record<string, { serverRelativeURL?: string }> = {}
  const json = { content: { type: 'json' }, accept: 'application/json' } as const
  for await (const item of askPath(context, { path: '/openapi/v3', file: 'cluster/openapi/v3.json', ...json })) {
    if (item.type === 'evidence') Object.assign(index, readIndex(item.body))
    yield item
  }
  for (const [name, { serverRelativeURL }] of Object.entries(index)) {
    if (!serverRelativeURL || !/^apis?(\/|$)/.test(name)) continue
    if (left <= 0) {
      const reason = `OpenAPI documents of ${OPENAPI_BYTES} bytes are in the bundle already`
      yield { type: 'close', scope: { path: `/openapi/v3/${name}` }, status: 'truncated', reason }
      continue
    }
    for await (const item of askPath(context, {
      path: serverRelativeURL,
      file: `cluster/openapi/v3/${name}.json`,
      ...json,
    })) {
      if (item.type === 'evidence') left -= item.body.length
      yield item
    }
  }
}

function readIndex(body: Buffer): Record<string, { serverRelativeURL?: string }> {
  const { paths } = JSON.parse(body.toString('utf8')) as { paths?: Record<string, { serverRelativeURL?: string }> }
  return paths ?? {}
}
