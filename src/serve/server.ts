import { timingSafeEqual } from 'node:crypto'
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { REPLAY_HEADER } from '../bundle/format.ts'
import { FreezeframeError } from '../error.ts'
import { type Answer, type Ask, statusOf } from './answer.ts'
import { handle } from './handle.ts'
import { readQuery } from './query.ts'
import { Refusal } from './refusal.ts'
import type { Replay } from './replay.ts'
import { readProtobufReview } from './reviews/protobuf.ts'

/** Where a replay listens, and who may ask. */
export interface ServerOptions {
  readonly address: string
  /** 0 for any that is free. */
  readonly port: number
  /** Bearer token of every request. */
  readonly token: string
  /** PEM; without one it is plain HTTP, to which kubectl gives no token. */
  readonly certificate: { readonly key: string; readonly cert: string } | undefined
}

/** A replay that can be asked. */
export interface RunningServer {
  readonly url: string
  readonly port: number
  /** Ends every connection, held watches too. */
  close(): Promise<void>
}

/** What clients written in Go send reviews in. */
const PROTOBUF = 'application/vnd.kubernetes.protobuf'

/** The largest body of a request: reviews have some hundred bytes. */
const LARGEST_BODY = 64 * 1024

/** Starts to answer. Throws OPTION_INVALID for an address or a port that cannot be listened on. */
export async function startServer(replay: Replay, options: ServerOptions): Promise<RunningServer> {
  const listener: RequestListener = (request, response) => {
    respond(request, response).catch(() => response.destroy())
  }
  const server = options.certificate ? createHttpsServer(options.certificate, listener) : createHttpServer(listener)
  const sockets = new Set<Socket>()
  let hosts: ReadonlySet<string> = new Set()
  // Also one that never greets: with TLS, 'secureConnection' comes only behind the handshake.
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  // exec, attach and port-forward ask to upgrade: without a listener for that they are requests like any other, and refused as such.

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = await answerTo(request, response)
    const { status, headers, body } = answer
    const isWhole = typeof body === 'string' || Buffer.isBuffer(body)
    const length = isWhole ? { 'content-length': Buffer.byteLength(body) } : {}
    // The server's clock stands still, too: who captures the replay reckons ages by it.
    const date = replay.now.toUTCString()
    response.writeHead(status, {
      date,
      'cache-control': 'no-cache, private',
      [REPLAY_HEADER]: '1',
      ...headers,
      ...length,
    })
    if (request.method === 'HEAD') response.end()
    else if (isWhole) response.end(body)
    else {
      // A watch that has nothing to say yet has begun all the same.
      response.flushHeaders()
      await pipeline(body, response)
    }
  }

  async function answerTo(request: IncomingMessage, response: ServerResponse): Promise<Answer> {
    const refused = refuse(request)
    if (refused) return statusOf(refused)
    try {
      return await handle(replay, describeAsk(request, response))
    } catch (error) {
      return statusOf(explain(error))
    }
  }

  function refuse({ headers }: IncomingMessage): Refusal | undefined {
    // A page on the web whose name was made to point here names itself, not us (DNS rebinding).
    if (!hosts.has(headers.host ?? ''))
      return new Refusal(403, 'Forbidden', `Host "${headers.host ?? ''}" is not served here.`)
    return isToken(headers.authorization, options.token) ? undefined : new Refusal(401, 'Unauthorized', 'Unauthorized')
  }

  await listen(server, options)
  const { port } = server.address() as AddressInfo
  const name = options.address.includes(':') ? `[${options.address}]` : options.address
  hosts = new Set([name, 'localhost', '127.0.0.1', '[::1]'].map((host) => `${host}:${port}`))
  return {
    url: `${options.certificate ? 'https' : 'http'}://${name}:${port}`,
    port,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function listen(server: ReturnType<typeof createHttpServer>, { address, port }: ServerOptions): Promise<void> {
  const listening = Promise.withResolvers<void>()
  server.once('error', listening.reject)
  server.listen(port, address, () => listening.resolve())
  await listening.promise.catch((cause: NodeJS.ErrnoException) => {
    throw new FreezeframeError('OPTION_INVALID', `Cannot listen on ${address}, port ${port}: ${cause.code}.`, {
      remedy: 'Choose another --port or --address, or leave both out.',
      cause,
    })
  })
}

function describeAsk(request: IncomingMessage, response: ServerResponse): Ask {
  const [path = '', search = ''] = splitOnce(request.url ?? '/', '?')
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  return {
    method: request.method ?? 'GET',
    path,
    query: readQuery(search),
    accept: request.headers.accept ?? '',
    signal: gone.signal,
    body: () => readBody(request),
  }
}

function splitOnce(text: string, at: string): [string, string] {
  const found = text.indexOf(at)
  return found < 0 ? [text, ''] : [text.slice(0, found), text.slice(found + 1)]
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > LARGEST_BODY)
      throw new Refusal(413, 'RequestEntityTooLarge', `The body is larger than ${LARGEST_BODY} bytes.`)
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks)
  if (request.headers['content-type']?.startsWith(PROTOBUF)) return readProtobufReview(body)
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw new Refusal(400, 'BadRequest', 'The body is neither JSON nor protobuf.')
  }
}

/** In a time that does not tell how much of the token was right. */
function isToken(header: string | undefined, token: string): boolean {
  const given = Buffer.from(/^bearer (.*)$/i.exec(header ?? '')?.[1] ?? '')
  const wanted = Buffer.from(token)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

/** What a damaged bundle, or a defect of ours, looks like to a client. */
function explain(error: unknown): Refusal {
  const words = error instanceof Error ? error.message : String(error)
  const message =
    error instanceof FreezeframeError ? `the bundle cannot be read: ${words}` : `freezeframe failed: ${words}`
  // kubectl shows no message of a failed discovery, but every warning.
  return new Refusal(500, 'InternalError', message, undefined, message)
}
