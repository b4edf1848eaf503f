import { setTimeout as sleep } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import { REPLAY_HEADER } from '../../bundle/format.ts'
import { FreezeframeError } from '../../error.ts'
import { openKubelets } from '../kubelet/open-kubelets.ts'
import type { ConnectRequest, KubeClient, KubeResponse, KubeStream, RequestOptions } from './client.ts'
import { type Clock, startClock } from './clock.ts'
import { createCongestion } from './congestion.ts'
import { createCostMeter } from './cost.ts'
import { countBytes } from './count-bytes.ts'
import { type Credential, createCredentials } from './credentials.ts'
import { createPools } from './dispatcher.ts'
import { describeAnswer, describeConnectionError, timedOut } from './errors.ts'
import { type Connection, loadConnection } from './kubeconfig.ts'
import { orAbort } from './or-abort.ts'
import { readPem } from './pem.ts'
import { proxyFor } from './proxy.ts'
import { isReset, saysLater, TRIES, waitBefore } from './retry.ts'
import { createSilence } from './silence.ts'
import { askUpgrade, type UpgradeAnswer } from './upgrade.ts'
import { speakWebSocket, type WebSocket } from './websocket.ts'
import { askWhole, describeHead, type Head, tooLarge, type WholeAnswer } from './whole.ts'

/** Milliseconds for an answer unless the caller knows better; the API server ends its own requests after 60 s (--request-timeout). */
const TIMEOUT_MS = 30_000

/** The largest body read whole: four times the largest list page that was ever seen. */
const MAX_BYTES = 512 * 1024 * 1024

/**
 * Bodies come as they are: the API server compresses lists beyond 128 KiB only at level 1 and at the cost of its own CPU
 * (apiserver/pkg/endpoints/handlers/responsewriters), which a burning cluster needs for itself.
 */
const ENCODING = { 'accept-encoding': 'identity' }

/** Where access reviews are posted to. */
const REVIEWS = /^\/apis\/auth(entication|orization)\.k8s\.io\//

/** How to reach a cluster, as the command line says it. */
export interface ConnectOptions {
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
  readonly as?: string | undefined
  readonly asGroups?: readonly string[] | undefined
  readonly asUid?: string | undefined
  /** File with the authorities of the kubelets' certificates, in PEM; by default the cluster's own. */
  readonly kubeletCa?: string | undefined
  /** Whether kubelets may be asked through the API server, with `nodes/proxy`. */
  readonly allowNodesProxy?: boolean | undefined
  readonly userAgent: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * Connects to the API server that a kubeconfig names; nothing is asked yet. Throws KUBECONFIG_MISSING, KUBECONFIG_INVALID or
 * CONTEXT_UNKNOWN; the first request throws CREDENTIALS_INVALID, SERVER_UNREACHABLE or SERVER_CERTIFICATE.
 */
export async function connectKube(options: ConnectOptions): Promise<KubeClient> {
  const connection = await loadConnection(options)
  const server = new URL(connection.cluster.server)
  const proxy = proxyFor(server, connection.cluster['proxy-url'], options.env)
  const fixed = { 'user-agent': options.userAgent, ...ENCODING, ...impersonate(connection, options) }
  const credentials = createCredentials(connection, options.env)
  const pools = createPools(connection, proxy)
  const congestion = createCongestion()
  const meter = createCostMeter()
  const silence = createSilence(server.host)
  let isReplay = false

  /**
   * Tries until the answer is not "again later", and gives it to `finish`, which frees its place. Each try has a place in the congestion
   * control and a clock of its own, so that neither the queue, nor a login, nor what Retry-After says counts as the server's silence.
   */
  async function ask<R extends Head, T>(
    request: Request,
    exchange: Exchange<R>,
    finish: (answer: Answer<R>) => Promise<T>,
  ): Promise<T> {
    let refused = false
    for (let attempt = 1; ; attempt++) {
      const credential = await orAbort(credentials.get(), request.signal)
      const leave = await takePlace(request)
      const clock = startClock(request.timeout ?? TIMEOUT_MS)
      let wait: number
      try {
        const response = await send(request, exchange, credential, clock)
        if (response.statusCode === 401 && credentials.refused(credential, refused)) {
          refused = true
          wait = 0
        } else if (saysLater(response) && attempt < TRIES) {
          wait = waitBefore(attempt, response)
          if (response.statusCode === 429) congestion.throttled(wait)
        } else {
          return await finish({ response, clock, leave })
        }
        await exchange.discard(response)
      } catch (cause) {
        clock.stop()
        leave()
        if (!isReset(cause) || attempt === TRIES) throw explain(cause, request, clock)
        wait = waitBefore(attempt)
      }
      clock.stop()
      leave()
      meter.retried()
      await sleep(wait, undefined, { signal: request.signal })
    }
  }

  /**
   * Logs wait for kubelets, which may be dead: a place that one of them holds is missing for what the API server itself answers, and whoever
   * asks for logs, or opens a way through one, bounds them. Access reviews, hundreds of them, come behind all others: what they tell is still true when the evidence is in.
   */
  async function takePlace({ verb, path, signal }: Request): Promise<() => void> {
    if (verb === 'log' || verb === 'connect') {
      await congestion.pause(signal)
      return () => {}
    }
    await congestion.enter(signal, verb === 'create' && REVIEWS.test(path))
    return once(congestion.leave)
  }

  /** One request and its answer's head. */
  async function send<R extends Head>(
    request: Request,
    exchange: Exchange<R>,
    credential: Credential,
    clock: Clock,
  ): Promise<R> {
    const { verb, body } = request
    silence.asking()
    const pool = await pools.get(credential)
    const begun = performance.now()
    try {
      const response = await exchange.send(pool, request, {
        origin: server.origin,
        path: `${server.pathname.replace(/\/$/, '')}${request.path}`,
        method: methodOf(request),
        signal: AbortSignal.any([request.signal, clock.signal]),
        headers: {
          ...fixed,
          ...request.headers,
          accept: request.accept ?? 'application/json',
          ...(credential.authorization === undefined ? {} : { authorization: credential.authorization }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body }),
      })
      const elapsed = performance.now() - begun
      silence.answered()
      isReplay ||= response.headers[REPLAY_HEADER] !== undefined
      meter.answered(verb, response.statusCode)
      if (verb !== 'watch') meter.latency(elapsed)
      if (verb !== 'watch' && verb !== 'log' && verb !== 'connect' && !saysLater(response))
        congestion.answered(verb, elapsed)
      return response
    } catch (cause) {
      meter.answered(verb, 0)
      throw cause
    }
  }

  /** What a failure was: the caller's own end, the clock, or what came over the wire. */
  function explain(cause: unknown, request: Request, clock: Clock): unknown {
    if (request.signal.aborted) return request.signal.reason
    if (clock.signal.aborted) return timedOut(request.path, request.timeout ?? TIMEOUT_MS, cause)
    return describeConnectionError(cause, { server, connection, proxy }, request.path)
  }

  function whole(request: Request): Promise<KubeResponse> {
    return ask(request, WHOLE, async ({ response, clock, leave }) => {
      const body = await response.body
      clock.stop()
      leave()
      meter.received(body.length)
      if (!isAnswer(response, request))
        throw describeAnswer(response.statusCode, body, request.path, server, connection)
      return { status: response.statusCode, body, ...describeHead(response), at: new Date() }
    })
  }

  function stream(request: Request): Promise<KubeStream> {
    return ask(request, STREAMED, async ({ response, clock, leave }) => {
      if (!isAnswer(response, request))
        throw describeAnswer(response.statusCode, await readBody(response, request), request.path, server, connection)
      // A watch is held open for minutes: it would keep a place from everyone else.
      if (request.verb === 'watch') leave()
      // A body that nobody reads must give its place back too, and its end must not end the process.
      response.body.once('close', leave).on('error', () => {})
      return { status: response.statusCode, ...describeHead(response), body: follow(request, response, clock) }
    })
  }

  async function* follow(request: Request, response: Dispatcher.ResponseData, clock: Clock): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of response.body) {
        clock.stop()
        meter.received(chunk.length)
        yield chunk
        clock.restart()
      }
    } catch (cause) {
      throw explain(cause, request, clock)
    } finally {
      clock.stop()
      response.body.destroy()
    }
  }

  function connect(request: Request & ConnectRequest): Promise<WebSocket> {
    const exchange: Exchange<UpgradeAnswer> = {
      send: (pool, _, sent) => askUpgrade(pool, { ...sent, protocols: request.protocols }),
      discard: (response) => response.body.catch(() => {}),
    }
    return ask(request, exchange, async ({ response, clock, leave }) => {
      const { socket } = response
      const said = await response.body
      clock.stop()
      leave()
      if (!socket) throw describeAnswer(response.statusCode, said, request.path, server, connection)
      const protocol = String(response.headers['sec-websocket-protocol'] ?? '')
      const spoken = speakWebSocket(socket, protocol, request.timeout ?? TIMEOUT_MS)
      return { ...spoken, messages: countBytes(spoken.messages, meter.received) }
    })
  }

  /** The authority of the cluster signs kubelets where `serverTLSBootstrap` is on, as it is on EKS. */
  function kubeletAuthority(): Promise<string | undefined> {
    const { cluster } = connection
    if (options.kubeletCa) return readPem(undefined, options.kubeletCa)
    return readPem(cluster['certificate-authority-data'], cluster['certificate-authority'])
  }

  const api: Pick<KubeClient, 'get' | 'connect'> = {
    get: (path, request) => whole({ ...request, path }),
    // A kubelet answers 406 to whoever forwards a port and wants JSON.
    connect: (path, request) => connect({ ...request, path, verb: 'connect', accept: '*/*' }),
  }

  const kubelets = openKubelets({
    kube: api,
    credential: credentials.get,
    ca: kubeletAuthority,
    impersonated: options.as ?? connection.user.as,
    proxy: options.allowNodesProxy === true,
    isReplay: () => isReplay,
  })

  return {
    ...api,
    server: connection.cluster.server,
    context: connection.context,
    clusterName: connection.clusterName,
    post: (path, body, request) => whole({ ...request, path, body: JSON.stringify(body) }),
    delete: (path, body, request) => whole({ ...request, path, body: JSON.stringify(body) }),
    stream: (path, request) => stream({ ...request, path }),
    kubelets,
    cost: meter.cost,
    congestion: congestion.state,
    async close() {
      credentials.close()
      await kubelets.close()
      await pools.close()
    },
  }
}

/** What is handed to undici. */
type Sent = Pick<Dispatcher.RequestOptions, 'path' | 'method' | 'headers' | 'body'> & {
  readonly origin: string
  readonly signal: AbortSignal
}

/** A way of asking: for the whole of an answer, or for its body as it comes. */
interface Exchange<R extends Head> {
  send(pool: Dispatcher, request: Request, sent: Sent): Promise<R>
  /** Reads what nobody wants, so that the connection can be used again. */
  discard(response: R): Promise<unknown>
}

const WHOLE: Exchange<WholeAnswer> = {
  send: (pool, request, sent) =>
    askWhole(pool, {
      ...sent,
      maxBytes: request.maxBytes ?? MAX_BYTES,
      onBeginning(head, bytes) {
        if (isAnswer(head, request)) request.onBeginning?.(bytes)
      },
    }),
  discard: (response) => response.body.catch(() => {}),
}

const STREAMED: Exchange<Dispatcher.ResponseData> = {
  send: (pool, _, sent) => pool.request(sent),
  discard: (response) => response.body.dump().catch(() => {}),
}

/** A request: a DELETE where its verb says so, a POST where it has a body, else a GET. */
interface Request extends RequestOptions {
  readonly path: string
  readonly body?: string
}

function methodOf({ verb, body }: Request): 'GET' | 'POST' | 'DELETE' {
  if (verb === 'delete') return 'DELETE'
  return body === undefined ? 'GET' : 'POST'
}

/** An answer's head, with what runs until its body is done: the clock, and the place in the congestion control. */
interface Answer<R extends Head> {
  readonly response: R
  readonly clock: Clock
  leave(): void
}

/** Headers of `kubectl --as`, https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation. */
function impersonate({ user }: Connection, options: ConnectOptions): Record<string, string | string[]> {
  const name = options.as ?? user.as
  const groups = options.asGroups?.length ? [...options.asGroups] : (user['as-groups'] ?? [])
  const uid = options.asUid ?? user['as-uid']
  const extra = Object.entries(user['as-user-extra'] ?? {})
  if (!name && (groups.length > 0 || uid || extra.length > 0)) throw nobodyToImpersonate()
  if (!name) return {}
  return {
    'impersonate-user': name,
    ...(groups.length > 0 ? { 'impersonate-group': groups } : {}),
    ...(uid ? { 'impersonate-uid': uid } : {}),
    ...Object.fromEntries(extra.map(([key, values]) => [`impersonate-extra-${encodeURIComponent(key)}`, values])),
  }
}

/** Without a user the server would refuse it; asked as oneself, the answers would be another's (client-go, transport/config.go). */
function nobodyToImpersonate(): FreezeframeError {
  return new FreezeframeError('OPTION_INVALID', 'Groups, a uid or extra fields are to be impersonated, but no user.', {
    remedy: 'Name the user with --as.',
  })
}

function once(action: () => void): () => void {
  let done = false
  return () => {
    if (!done) action()
    done = true
  }
}

async function readBody(response: Dispatcher.ResponseData, { path, maxBytes = MAX_BYTES }: Request): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBytes) throw tooLarge(path, maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}

/** Whatever its status, a page of HTML comes from a proxy or a login in between: the API server itself answers nothing so that is asked here. */
function isAnswer(response: Head, { anyStatus, page }: Request): boolean {
  const isSuccess = response.statusCode >= 200 && response.statusCode < 300
  const isPage = describeHead(response).contentType.startsWith('text/html')
  return (isSuccess || anyStatus === true) && (!isPage || page === true)
}
