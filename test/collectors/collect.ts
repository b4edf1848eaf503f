import type { IncomingMessage, ServerResponse } from 'node:http'
import type {
  Close,
  CollectContext,
  Collector,
  Evidence,
  NodeTarget,
  ObservedContainer,
  ObservedPod,
  Target,
} from '../../src/collector.ts'
import { type KubeClient, KubeError } from '../../src/sources/kube/client.ts'
import { discover } from '../../src/sources/kube/discover.ts'
import type { Discovery } from '../../src/sources/kube/discovery.ts'
import type { Kubelets } from '../../src/sources/kubelet/kubelet.ts'
import type { Diagnostics } from '../../src/sources/node/diagnostic/diagnostics.ts'
import type { Insides } from '../../src/sources/node/inside.ts'
import { connectTo, serve } from '../sources/kube/server.ts'

/** Answers one request; what it does not answer is 404. */
export type Answer = (url: URL, response: ServerResponse, request: IncomingMessage) => unknown

/** What a collector gave, and what it asked for. */
export interface Collected {
  readonly evidence: readonly Evidence[]
  readonly closes: readonly Close[]
  /** `GET /path?query` of what the collector asked itself, in order. */
  readonly requests: readonly string[]
  /** What was asked by discovery, for a collector that waited for it. */
  readonly discovered: readonly string[]
  /** What it wanted to be looked at sooner. */
  readonly hints: readonly string[]
  readonly error: unknown
}

/** What a test gives the collector, beside the server. */
export interface Given extends Partial<Omit<CollectContext, 'kube' | 'settings' | 'hint'>> {
  readonly settings?: Partial<CollectContext['settings']>
  /** Sees each item as it comes. */
  readonly onItem?: (item: Evidence | Close) => void
  readonly onHint?: () => void
  /** Answers for the kubelet of every node, as text or whole; what it does not answer is 404. */
  readonly kubelet?: (path: string, headers?: Readonly<Record<string, string>>) => string | KubeletAnswer | undefined
  /** Takes the place of a part of the connection. */
  readonly kube?: Partial<KubeClient>
}

/** A whole answer of a kubelet. */
export interface KubeletAnswer {
  readonly status?: number
  readonly contentType?: string
  readonly body: string | Buffer
}

/** Kubelets that answer at once: how one is reached has tests of its own. */
function kubeletsOf(answer: Given['kubelet'], requests: string[]): Kubelets {
  return {
    ways: ['direct'],
    close: async () => {},
    of: ({ name }) => ({
      async get(path, { anyStatus, headers, maxBytes = Number.POSITIVE_INFINITY }) {
        requests.push(`GET https://${name}${path}`)
        const answered = answer?.(path, headers)
        const whole = typeof answered === 'string' ? { body: answered } : answered
        const body = whole && Buffer.from(whole.body)
        if (body && body.length > maxBytes)
          throw new KubeError({ message: `${path} is too large`, status: 200, reason: 'TooLarge' })
        if (body === undefined && !anyStatus)
          throw new KubeError({ message: `${path} answered 404`, status: 404, reason: 'HTTP 404' })
        const { status = body ? 200 : 404, contentType = 'text/plain' } = whole ?? {}
        return { status, body: body ?? Buffer.alloc(0), contentType, at: new Date(0), way: 'direct' }
      },
    }),
  }
}

/** Runs a collector against a server on loopback, through the real transport; discovery is asked when the collector waits for it. */
export async function collect(collector: Collector, answer: Answer, given: Given = {}): Promise<Collected> {
  const { onItem, onHint, kubelet: _, kube: replaced, ...context } = given
  const requests: string[] = []
  const discovered: string[] = []
  const server = await serve((request, response) => {
    const isDiscovery = request.headers['user-agent'] === DISCOVERY
    ;(isDiscovery ? discovered : requests).push(`${request.method} ${request.url}`)
    const url = new URL(request.url ?? '/', 'http://server')
    const answered = answer(url, response, request)
    if (answered !== LATER && !response.headersSent && !response.writableEnded)
      sendStatus(response, 404, 'NotFound', `no ${url.pathname}`)
  })
  const connected = await connectTo({ server: server.url })
  const kube = { ...connected, kubelets: kubeletsOf(given.kubelet, requests), ...replaced }
  const signal = context.signal ?? new AbortController().signal
  const evidence: Evidence[] = []
  const closes: Close[] = []
  const hints: string[] = []
  let discovery: Promise<Discovery> | undefined
  let error: unknown
  try {
    const items = collector.collect({
      kube,
      get discovery() {
        discovery ??= connectTo({ server: server.url }, {}, { userAgent: DISCOVERY }).then((own) =>
          discover(own, signal),
        )
        return discovery
      },
      target: { kind: 'cluster' },
      sample: 0,
      signal,
      recording: new AbortController().signal,
      insides: CLOSED,
      diagnostics: NO_AGENTS,
      silences: new Map(),
      hint(target, reason) {
        hints.push(`${target.namespace}/${target.name} ${reason}`)
        onHint?.()
      },
      ...context,
      settings: {
        namespaces: undefined,
        since: undefined,
        configData: false,
        pageSize: 2,
        logs: 'all',
        full: false,
        ...context.settings,
      },
    })
    for await (const item of items) {
      if (item.type === 'evidence') evidence.push({ ...item, body: take(item.body) })
      else closes.push(item)
      onItem?.(item)
    }
  } catch (thrown) {
    error = thrown
  }
  return { evidence, closes, hints, error, requests, discovered }
}

/** Nobody has opened a way into nodes. */
const CLOSED: Insides = {
  ways: [],
  of() {
    throw new Error('no way into nodes is open')
  },
  close: async () => {},
}

/** No agent is asked for anything. */
const NO_AGENTS: Diagnostics = {
  async collect() {
    throw new Error('no agent may be asked')
  },
  remove: async () => {},
  close: async () => {},
}

/** Takes a body as the run does: the collector's own has no bytes any more. */
function take(body: Buffer): Buffer {
  const taken = Buffer.from(body)
  if (body.byteLength === body.buffer.byteLength) (body.buffer as ArrayBuffer).transfer(0)
  return taken
}

/** Discovery has a name of its own, to tell what it asked from what the collector asked. */
const DISCOVERY = 'discovery'

/** Returned by an answer that comes later, or never. */
export const LATER = Symbol('later')

/** Answers JSON; a string goes out byte for byte. */
export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

/** Answers text, as logs and health are. */
export function sendText(response: ServerResponse, body: string | Buffer, status = 200): void {
  response.writeHead(status, { 'content-type': 'text/plain' })
  response.end(body)
}

/** Answers a failure in the words of the API server. */
export function sendStatus(response: ServerResponse, code: number, reason: string, message: string): void {
  sendJson(response, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message }, code)
}

/** Path and text of each file. */
export function files({ evidence }: Collected): Record<string, string> {
  return Object.fromEntries(evidence.map(({ path, body }) => [path, body.toString('utf8')]))
}

/** What each close says: its scope's resource, namespace, container or path, and the status. */
export function statuses({ closes }: Collected): string[] {
  return closes.map(({ scope, status }) => {
    const { resource, namespace, container, previous, path } = scope
    return [resource, namespace, container, previous && 'previous', path, status].filter(Boolean).join(' ')
  })
}

/**
 * A list page of objects by name, in the API server's order of fields, with spaces and a number that JSON.stringify would write
 * otherwise: bytes must stay.
 */
export function page(names: readonly string[], more?: string): string {
  const items = names.map((name) => `{"metadata":{"name":"${name}", "unknownField":1.50e3}}`)
  const token = more === undefined ? '' : `,"continue":"${more}"`
  return `{"kind":"List", "apiVersion":"v1","metadata":{"resourceVersion":"7"${token}},"items":[${items}]}`
}

/** A node as it was chosen, for the collectors that work node by node. */
export function nodeTarget(name = 'n1', more: Partial<NodeTarget> = {}): Target {
  const forwarders = async () => [{ namespace: 'kube-system', pod: 'aws-node-1' }]
  const node = { name, addresses: ['10.0.0.1'], port: 10250, forwarders, pods: async () => [] }
  return { kind: 'node', node: { ...node, suspect: true, reason: 'which is not Ready', ...more } }
}

/** A pod as planning saw it, for the collectors that work pod by pod. */
export function podTarget(containers: readonly Partial<ObservedContainer>[], logBytes = 20_000): Target {
  const pod: ObservedPod = {
    kind: 'Pod',
    namespace: 'shop',
    name: 'web-1',
    uid: 'u1',
    nodeName: 'n1',
    ready: false,
    containers: containers.map((one) => ({
      name: 'app',
      type: 'container',
      restarts: 0,
      ready: true,
      state: 'running',
      hasPrevious: false,
      ...one,
    })),
  }
  return { kind: 'pod', pod, suspect: true, reason: 'not Ready', logBytes }
}
