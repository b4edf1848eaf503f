import { setTimeout as sleep } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import { FreezeframeError } from '../../error.ts'
import { type KubeClient, KubeError, type KubeResponse, type KubeStream, type RequestOptions } from './client.ts'
import { createCongestion } from './congestion.ts'
import { createCostMeter } from './cost.ts'
import { type Credential, createCredentials } from './credentials.ts'
import { createDispatcher } from './dispatcher.ts'
import { describeAnswer, describeConnectionError } from './errors.ts'
import { type Connection, loadConnection } from './kubeconfig.ts'

/** Milliseconds for an answer unless the caller knows better; the API server ends its own requests after 60 s (--request-timeout). */
const TIMEOUT_MS = 30_000

/** The largest body read whole: four times the largest list page that was ever seen. */
const MAX_BYTES = 512 * 1024 * 1024

/** Tries of one request; the waits between them (0.25, 0.5, 1, 2 s, or what Retry-After says) sum up below a request's timeout. */
const TRIES = 5
const FIRST_WAIT_MS = 250

/** Answers that say "again later" (client-go, rest/with_retry.go, retries 429 and 5xx with Retry-After; a gateway's 502 to 504 pass too). */
const RETRIED = [429, 502, 503, 504]

/** How to reach a cluster, as the command line says it. */
export interface ConnectOptions {
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
  readonly as?: string | undefined
  readonly asGroups?: readonly string[] | undefined
  readonly asUid?: string | undefined
  readonly userAgent: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * Connects to the API server that a kubeconfig names; nothing is asked yet. Throws KUBECONFIG_MISSING, KUBECONFIG_INVALID or
 * CONTEXT_UNKNOWN; the first request throws CREDENTIALS_INVALID, SERVER_UNREACHABLE or SERVER_CERTIFICATE.
 */
export async function connectKube(options: ConnectOptions): Promise<KubeClient> {
  const connection = await loadConnection(options)
  const credentials = createCredentials(connection, options.env)
  const congestion = createCongestion()
  const meter = createCostMeter()
  const server = new URL(connection.cluster.server)
  const fixed = { 'user-agent': options.userAgent, 'accept-encoding': 'identity', ...impersonate(connection, options) }
  const pools = createPools(connection, options.env)

  /** One request and its answer's head; the caller leaves the congestion control when the body is done. */
  async function send(
    method: 'GET' | 'POST',
    path: string,
    ask: RequestOptions,
    body?: string,
  ): Promise<Dispatcher.ResponseData> {
    const credential = await credentials.get()
    const pool = await pools.get(credential)
    const begun = performance.now()
    try {
      const response = await pool.request({
        origin: server.origin,
        path: `${server.pathname.replace(/\/$/, '')}${path}`,
        method,
        signal: ask.signal,
        headers: {
          ...fixed,
          accept: ask.accept ?? 'application/json',
          ...(credential.authorization === undefined ? {} : { authorization: credential.authorization }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body }),
      })
      const elapsed = performance.now() - begun
      meter.answered(ask.verb, response.statusCode)
      if (ask.verb !== 'watch') {
        meter.latency(elapsed)
        congestion.answered(ask.verb, elapsed)
      }
      return response
    } catch (cause) {
      meter.answered(ask.verb, 0)
      throw cause
    }
  }

  /** Sends until the answer is not "again later", each try in a place of its own; whoever gets the answer frees the place by `leave`. */
  async function answer(
    method: 'GET' | 'POST',
    path: string,
    ask: RequestOptions,
    body?: string,
  ): Promise<Dispatcher.ResponseData> {
    for (let attempt = 1; ; attempt++) {
      await congestion.enter(ask.signal)
      try {
        const response = await send(method, path, ask, body)
        if (response.statusCode === 401 && attempt === 1 && credentials.refresh()) {
          await discard(response)
        } else if (!RETRIED.includes(response.statusCode) || attempt === TRIES) {
          return response
        } else {
          const wait = waitBefore(attempt, response)
          await discard(response)
          if (response.statusCode === 429) congestion.throttled(wait)
          congestion.leave()
          meter.retried()
          await sleep(wait, undefined, { signal: ask.signal })
          continue
        }
        congestion.leave()
        meter.retried()
      } catch (cause) {
        congestion.leave()
        ask.signal.throwIfAborted()
        if (cause instanceof FreezeframeError || attempt === TRIES || !isReset(cause)) throw describe(cause, path)
        meter.retried()
        await sleep(waitBefore(attempt), undefined, { signal: ask.signal })
      }
    }
  }

  function describe(cause: unknown, path: string): unknown {
    return describeConnectionError(cause, server, connection, path)
  }

  /** Reads a whole answer under one timeout; a body that breaks off is asked for again. */
  async function read(
    method: 'GET' | 'POST',
    path: string,
    options: RequestOptions,
    body?: string,
  ): Promise<KubeResponse> {
    for (let attempt = 1; ; attempt++) {
      const timeout = AbortSignal.timeout(options.timeout ?? TIMEOUT_MS)
      const ask = { ...options, signal: AbortSignal.any([options.signal, timeout]) }
      try {
        const response = await answer(method, path, ask, body)
        try {
          return await readAnswer(response, path, options)
        } finally {
          congestion.leave()
        }
      } catch (cause) {
        options.signal.throwIfAborted()
        if (timeout.aborted) throw timedOut(path, options.timeout ?? TIMEOUT_MS, cause)
        if (cause instanceof KubeError || cause instanceof FreezeframeError) throw cause
        if (method !== 'GET' || attempt === TRIES || !isReset(cause)) throw describe(cause, path)
        meter.retried()
      }
    }
  }

  async function readAnswer(
    response: Dispatcher.ResponseData,
    path: string,
    options: RequestOptions,
  ): Promise<KubeResponse> {
    const body = await readBody(response, path, options.maxBytes ?? MAX_BYTES)
    meter.received(body.length)
    if (response.statusCode >= 400 && !options.anyStatus)
      throw describeAnswer(response.statusCode, body, path, server, connection)
    return { status: response.statusCode, body, ...describeHead(response), at: new Date() }
  }

  async function stream(path: string, options: RequestOptions): Promise<KubeStream> {
    const stall = createStall(options.timeout ?? TIMEOUT_MS)
    const ask = { ...options, signal: AbortSignal.any([options.signal, stall.signal]) }
    // A watch is held open for minutes: it would keep a place from everyone else.
    const leave = options.verb === 'watch' ? () => {} : congestion.leave
    const fail = (cause: unknown) => {
      options.signal.throwIfAborted()
      if (stall.signal.aborted) return timedOut(path, options.timeout ?? TIMEOUT_MS, cause)
      return cause instanceof KubeError || cause instanceof FreezeframeError ? cause : describe(cause, path)
    }
    try {
      const response = await answer('GET', path, ask)
      if (options.verb === 'watch') congestion.leave()
      if (response.statusCode >= 400) {
        const body = await readBody(response, path, MAX_BYTES).finally(leave)
        throw describeAnswer(response.statusCode, body, path, server, connection)
      }
      return { status: response.statusCode, ...describeHead(response), body: follow(response) }
    } catch (cause) {
      stall.stop()
      throw fail(cause)
    }

    async function* follow(response: Dispatcher.ResponseData): AsyncGenerator<Buffer> {
      try {
        for await (const chunk of response.body) {
          stall.reset()
          meter.received(chunk.length)
          yield chunk
          stall.reset()
        }
      } catch (cause) {
        throw fail(cause)
      } finally {
        stall.stop()
        response.body.destroy()
        leave()
      }
    }
  }

  return {
    server: connection.cluster.server,
    context: connection.context,
    clusterName: connection.clusterName,
    get: (path, ask) => read('GET', path, ask),
    post: (path, body, ask) => read('POST', path, ask, JSON.stringify(body)),
    stream,
    cost: meter.cost,
    congestion: congestion.state,
    close: pools.close,
  }
}

/** One pool for all, made anew only when a plugin gives another client certificate. */
function createPools(connection: Connection, env: ConnectOptions['env']) {
  let current: { cert: string | undefined; pool: Promise<Dispatcher> } | undefined
  return {
    get(credential: Credential): Promise<Dispatcher> {
      if (current && current.cert === credential.cert) return current.pool
      current = { cert: credential.cert, pool: createDispatcher(connection, credential, env) }
      return current.pool
    },
    async close() {
      await (await current?.pool)?.destroy()
    },
  }
}

/** Headers of `kubectl --as`, https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation. */
function impersonate({ user }: Connection, options: ConnectOptions): Record<string, string | string[]> {
  const name = options.as ?? user.as
  if (!name) return {}
  const groups = options.asGroups?.length ? [...options.asGroups] : (user['as-groups'] ?? [])
  const uid = options.asUid ?? user['as-uid']
  const extra = Object.entries(user['as-user-extra'] ?? {})
  return {
    'impersonate-user': name,
    ...(groups.length > 0 ? { 'impersonate-group': groups } : {}),
    ...(uid ? { 'impersonate-uid': uid } : {}),
    ...Object.fromEntries(extra.map(([key, values]) => [`impersonate-extra-${encodeURIComponent(key)}`, values])),
  }
}

async function readBody(response: Dispatcher.ResponseData, path: string, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBytes) {
      throw new KubeError({
        message: `The answer to ${path} is larger than ${maxBytes} bytes.`,
        status: 0,
        reason: 'TooLarge',
      })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}

function describeHead(response: Dispatcher.ResponseData): { contentType: string; serverDate?: string } {
  const date = response.headers.date
  return {
    contentType: String(response.headers['content-type'] ?? ''),
    ...(date === undefined ? {} : { serverDate: String(date) }),
  }
}

async function discard(response: Dispatcher.ResponseData): Promise<void> {
  await response.body.dump().catch(() => {})
}

/** Milliseconds: what Retry-After says (whole seconds, RFC 9110 section 10.2.3), else doubling, with up to a quarter of jitter. */
function waitBefore(attempt: number, response?: Dispatcher.ResponseData): number {
  const asked = Number(response?.headers['retry-after'])
  const wait = asked > 0 ? asked * 1000 : FIRST_WAIT_MS * 2 ** (attempt - 1)
  return wait * (1 + Math.random() / 4)
}

/** A connection that was fine and broke: the next one may live. A refused or unknown host will not change within seconds. */
function isReset(cause: unknown): boolean {
  const code = (cause as NodeJS.ErrnoException).code ?? ''
  return ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_CLOSED'].includes(code)
}

function timedOut(path: string, timeout: number, cause: unknown): KubeError {
  return new KubeError({
    message: `No answer to ${path} within ${timeout / 1000} s.`,
    status: 0,
    reason: 'Timeout',
    cause,
  })
}

/** Fires when a stream is silent for too long; every chunk winds it up again. */
function createStall(milliseconds: number) {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), milliseconds)
  return { signal: controller.signal, reset: () => void timer.refresh(), stop: () => clearTimeout(timer) }
}
