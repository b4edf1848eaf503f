import { createHash, randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { Dispatcher } from 'undici'
import { KubeError } from './client.ts'

/** The answer to a request for a WebSocket: the connection itself, or what the server says instead. */
export interface UpgradeAnswer extends Pick<Dispatcher.ResponseData, 'statusCode' | 'headers'> {
  /** The connection, which belongs to the caller; undefined where the server refused. */
  readonly socket: Duplex | undefined
  /** What a refusing server says. */
  readonly body: Promise<Buffer>
}

/** What is asked, with the subprotocols that the caller speaks, the best one first. */
export type UpgradeRequest = Dispatcher.DispatchOptions & {
  readonly signal: AbortSignal
  readonly protocols: readonly string[]
}

/** Appended to the key before it is hashed (RFC 6455 section 1.3). */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** A refusal is a metav1.Status, a few hundred bytes. */
const REFUSAL_BYTES = 64 * 1024

/** Opens a connection of the pool as a WebSocket (RFC 6455 section 4); rejects where it breaks, or another protocol answers. */
export function askUpgrade(pool: Dispatcher, request: UpgradeRequest): Promise<UpgradeAnswer> {
  const { signal, protocols, headers, ...options } = request
  const key = randomBytes(16).toString('base64')
  const head = Promise.withResolvers<UpgradeAnswer>()
  const body = Promise.withResolvers<Buffer>()
  body.promise.catch(() => {})
  const chunks: Buffer[] = []
  let controller: Dispatcher.DispatchController | undefined

  function abort(): void {
    controller?.abort(signal.reason)
    fail(signal.reason)
  }

  function fail(error: unknown): void {
    signal.removeEventListener('abort', abort)
    head.reject(error)
    body.reject(error)
  }

  signal.throwIfAborted()
  signal.addEventListener('abort', abort, { once: true })
  pool.dispatch(
    {
      ...options,
      upgrade: 'websocket',
      headers: {
        ...(headers as Record<string, string>),
        'sec-websocket-key': key,
        'sec-websocket-version': '13',
        'sec-websocket-protocol': protocols.join(', '),
      },
    },
    {
      onRequestStart(given) {
        controller = given
        if (signal.aborted) controller.abort(signal.reason)
      },
      onRequestUpgrade(_, statusCode, answered, socket) {
        signal.removeEventListener('abort', abort)
        // Nobody may be there to hear of its end.
        socket.on('error', () => {})
        const accepted = createHash('sha1').update(`${key}${GUID}`).digest('base64')
        if (signal.aborted || answered['sec-websocket-accept'] !== accepted) {
          socket.destroy()
          return fail(signal.aborted ? signal.reason : noWebSocket(options.path))
        }
        body.resolve(Buffer.alloc(0))
        head.resolve({ statusCode, headers: answered, socket, body: body.promise })
      },
      onResponseStart(_, statusCode, answered) {
        if (statusCode >= 200) head.resolve({ statusCode, headers: answered, socket: undefined, body: body.promise })
      },
      onResponseData(given, chunk) {
        chunks.push(chunk)
        if (chunks.reduce((sum, { length }) => sum + length, 0) > REFUSAL_BYTES) given.abort(noWebSocket(options.path))
      },
      onResponseEnd() {
        signal.removeEventListener('abort', abort)
        body.resolve(Buffer.concat(chunks))
      },
      onResponseError: (_, error) => fail(error),
    },
  )
  return head.promise
}

function noWebSocket(path: string): KubeError {
  return new KubeError({
    message: `${path} was answered by something that speaks no WebSocket.`,
    status: 0,
    reason: 'InvalidResponse',
  })
}
