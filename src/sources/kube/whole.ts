import type { Dispatcher } from 'undici'
import { KubeError } from './client.ts'
import { gatherBytes } from './gather.ts'

/** What is known of an answer before its body. */
export type Head = Pick<Dispatcher.ResponseData, 'statusCode' | 'headers'>

/** The part of a head that goes with an answer. */
export function describeHead(response: Head): { contentType: string; serverDate?: string } {
  const date = response.headers.date
  return {
    contentType: String(response.headers['content-type'] ?? ''),
    ...(date === undefined ? {} : { serverDate: String(date) }),
  }
}

/** An answer whose body comes in one piece: the head first, the body when it is whole. */
export interface WholeAnswer extends Head {
  readonly body: Promise<Buffer>
}

/** What is asked, by whom it can be ended, and how much of an answer is taken. */
export type WholeRequest = Dispatcher.DispatchOptions & {
  readonly signal: AbortSignal
  readonly maxBytes: number
  /** Called once, with the head and the first bytes of the body, while the rest is still under way. */
  readonly onBeginning: (answer: Head, bytes: Buffer) => void
}

/** As much of a body as its beginning is: a list's own metadata is in it. */
const BEGINNING_BYTES = 4096

/**
 * Sends a request and resolves with the head of its answer. The chunks of the body are gathered where the parser gives them: a list of
 * pods has tens of thousands, and a stream would cost more for each of them than reading it does.
 */
export function askWhole(pool: Dispatcher, request: WholeRequest): Promise<WholeAnswer> {
  const { signal, maxBytes, onBeginning, ...options } = request
  const head = Promise.withResolvers<WholeAnswer>()
  const body = Promise.withResolvers<Buffer>()
  // Whoever got no head never hears of the body.
  body.promise.catch(() => {})
  const gathered = gatherBytes()
  let answer: WholeAnswer | undefined
  let hasBegun = false
  let controller: Dispatcher.DispatchController | undefined

  function fail(error: unknown): void {
    signal.removeEventListener('abort', abort)
    gathered.drop()
    head.reject(error)
    body.reject(error)
  }

  /** One that waits for a connection fails at once, and is not sent any more; one that was sent fails when it has been broken off. */
  function abort(): void {
    if (controller) controller.abort(signal.reason)
    else fail(signal.reason)
  }

  function begin(): void {
    if (hasBegun || !answer) return
    hasBegun = true
    onBeginning(answer, gathered.first())
  }

  signal.throwIfAborted()
  signal.addEventListener('abort', abort, { once: true })
  pool.dispatch(options, {
    onRequestStart(given) {
      controller = given
      // It had to wait for a connection.
      if (signal.aborted) controller.abort(signal.reason)
    },
    onResponseStart(_, statusCode, headers) {
      if (statusCode < 200) return
      answer = { statusCode, headers, body: body.promise }
      head.resolve(answer)
    },
    onResponseData(given, chunk) {
      if (signal.aborted) return
      gathered.add(chunk)
      if (gathered.length() > maxBytes) given.abort(tooLarge(options.path, maxBytes))
      else if (gathered.length() >= BEGINNING_BYTES) begin()
    },
    onResponseEnd() {
      if (signal.aborted) return
      signal.removeEventListener('abort', abort)
      begin()
      body.resolve(gathered.take())
    },
    onResponseError: (_, error) => fail(error),
  })
  return head.promise
}

/** A body that nobody could hold. */
export function tooLarge(path: string, maxBytes: number): KubeError {
  return new KubeError({
    message: `The answer to ${path} is larger than ${maxBytes} bytes.`,
    status: 0,
    reason: 'TooLarge',
  })
}
