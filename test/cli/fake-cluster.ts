import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** How the fake API server misbehaves. */
export interface FakeOptions {
  /** Resources, `pods/log` and access `reviews` among them, that answer 403 to everyone; `watch pods` is denied by the authorizer only. */
  readonly denied?: readonly string[]
  /** Milliseconds before each answer to a list or a log. */
  readonly delay?: number
  readonly pods?: number
  /** Lists come whole, whatever `limit` says, as from many an aggregated API. */
  readonly unlimited?: boolean
  /** Lists of this resource are never answered. */
  readonly stuck?: string
  /** Answers before all else; undefined for what it does not know. */
  readonly first?: (request: FakeRequest) => FakeAnswer | undefined
  /** Every container's log. */
  readonly log?: string
}

export interface FakeRequest {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingMessage['headers']
}

export interface FakeAnswer {
  readonly status?: number
  readonly body: object | Buffer
}

/** A small API server on loopback, a kubeconfig for it, and a folder of its own. */
export interface FakeCluster {
  readonly folder: string
  readonly kubeconfig: string
  readonly server: string
  /** Path and query of each request so far. */
  readonly asked: readonly string[]
  close(): Promise<void>
}

const CORE = [
  { name: 'pods', kind: 'Pod', namespaced: true, verbs: ['get', 'list', 'watch'] },
  { name: 'nodes', kind: 'Node', namespaced: false, verbs: ['get', 'list', 'watch'] },
  { name: 'events', kind: 'Event', namespaced: true, verbs: ['get', 'list', 'watch'] },
  { name: 'namespaces', kind: 'Namespace', namespaced: false, verbs: ['get', 'list'] },
  { name: 'configmaps', kind: 'ConfigMap', namespaced: true, verbs: ['get', 'list'] },
  { name: 'secrets', kind: 'Secret', namespaced: true, verbs: ['get', 'list'] },
]

const APPS = [{ name: 'deployments', kind: 'Deployment', namespaced: true, verbs: ['get', 'list'] }]

/** Starts it. */
export async function startFakeCluster(options: FakeOptions = {}): Promise<FakeCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'freezeframe-cli-'))
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    answer(request, response, options).catch((error) => response.destroy(error))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const kubeconfig = join(folder, 'kubeconfig')
  await writeFile(kubeconfig, describeKubeconfig(address))
  return {
    folder,
    kubeconfig,
    server: address,
    asked,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function describeKubeconfig(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'fake', cluster: { server } }],
    users: [{ name: 'ops', user: { token: 'not-a-secret' } }],
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'ops' } }],
    'current-context': 'fake',
  })
}

async function answer(request: IncomingMessage, response: ServerResponse, options: FakeOptions): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://fake')
  const first = options.first?.({ method: request.method ?? '', url, headers: request.headers })
  if (first) return answerFirst(response, first)
  if (request.method === 'POST' && options.denied?.includes('reviews')) {
    return send(response, 403, status(403, 'Forbidden', 'User "ops" cannot create reviews'))
  }
  if (request.method === 'POST') return send(response, 201, await review(request, url, options))
  if (url.searchParams.get('watch'))
    return void response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
  const document = documents[url.pathname]
  if (document) return send(response, 200, document)
  if (['/readyz', '/livez', '/metrics'].includes(url.pathname)) return sendText(response, 200, 'ok\n')
  await new Promise((resolve) => setTimeout(resolve, options.delay ?? 0))
  const resource = resourceOf(url.pathname)
  if (options.stuck !== undefined && resource === options.stuck) return
  if (resource === undefined) return send(response, 404, status(404, 'NotFound', 'the server could not find it'))
  if (options.denied?.includes(resource)) {
    return send(response, 403, status(403, 'Forbidden', `${resource} is forbidden: User "ops" cannot read it`))
  }
  const wanted = url.searchParams.get('fieldSelector')?.split('=')[1]
  if (resource === 'namespaces' && wanted !== undefined) {
    return send(response, 200, { items: wanted === 'shop' ? [{ metadata: { name: wanted } }] : [] })
  }
  if (resource === 'pods/log') return sendText(response, 200, options.log ?? '2026-01-31T23:59:59.000000000Z a line\n')
  send(response, 200, list(resource, options.unlimited ? 0 : Number(url.searchParams.get('limit')), options.pods ?? 2))
}

function answerFirst(response: ServerResponse, { status: code = 200, body }: FakeAnswer): void {
  if (Buffer.isBuffer(body)) response.writeHead(code, { 'content-type': 'application/gzip' }).end(body)
  else send(response, code, body)
}

const documents: Readonly<Record<string, unknown>> = {
  '/version': { gitVersion: 'v1.34.4', platform: 'linux/amd64' },
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': {
    kind: 'APIGroupList',
    groups: [
      {
        name: 'apps',
        versions: [{ groupVersion: 'apps/v1', version: 'v1' }],
        preferredVersion: { groupVersion: 'apps/v1', version: 'v1' },
      },
    ],
  },
  '/api/v1': { kind: 'APIResourceList', groupVersion: 'v1', resources: CORE },
  '/apis/apps/v1': { kind: 'APIResourceList', groupVersion: 'apps/v1', resources: APPS },
  '/openapi/v3': { paths: {} },
}

function resourceOf(path: string): string | undefined {
  if (/\/pods\/[^/]+\/log$/.test(path)) return 'pods/log'
  const name = path.split('/').at(-1)
  return [...CORE, ...APPS].find((one) => one.name === name)?.name
}

function list(resource: string, limit: number, pods: number): object {
  const all = resource === 'pods' ? Array.from({ length: pods }, (_, index) => pod(index)) : []
  const items = limit > 0 ? all.slice(0, limit) : all
  const remaining = all.length - items.length
  return {
    kind: 'List',
    apiVersion: 'v1',
    metadata: { resourceVersion: '1', ...(remaining > 0 ? { remainingItemCount: remaining } : {}) },
    items,
  }
}

function pod(index: number): object {
  return {
    metadata: { name: `web-${index}`, namespace: 'shop', uid: `uid-${index}` },
    spec: { nodeName: 'node-1', containers: [{ name: 'app', image: 'web:1' }] },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'False' }],
      containerStatuses: [
        { name: 'app', ready: false, restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } } },
      ],
    },
  }
}

async function review(request: IncomingMessage, url: URL, options: FakeOptions): Promise<object> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const question = JSON.parse(Buffer.concat(chunks).toString())
  if (url.pathname.endsWith('/selfsubjectreviews')) {
    return { ...question, status: { userInfo: { username: 'ops', groups: ['system:authenticated'] } } }
  }
  const { verb, resource, subresource } = question.spec?.resourceAttributes ?? {}
  const name = [resource, subresource].filter(Boolean).join('/')
  const allowed = !options.denied?.some((denied) => denied === name || denied === `${verb} ${name}`)
  return { ...question, status: { allowed, resourceRules: [], nonResourceRules: [] } }
}

function status(code: number, reason: string, message: string): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message }
}

function send(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function sendText(response: ServerResponse, code: number, body: string): void {
  response.writeHead(code, { 'content-type': 'text/plain' }).end(body)
}
