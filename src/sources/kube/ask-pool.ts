import type { Dispatcher } from 'undici'
import { KubeError, type KubeResponse } from './client.ts'
import { startClock } from './clock.ts'
import { timedOut } from './errors.ts'
import { askWhole, describeHead } from './whole.ts'

/** Milliseconds for a whole answer of a kubelet or of a port of a pod, unless the caller knows better. */
const TIMEOUT_MS = 15_000

/** A kubelet's cAdvisor series of 250 pods are 20 MB; nothing that is read from a node is larger. */
const MAX_BYTES = 128 * 1024 * 1024

/** A GET to something that is not the API server. */
export interface PoolRequest {
  readonly signal: AbortSignal
  readonly headers?: Readonly<Record<string, string>>
  /** Milliseconds for the whole answer; default 15,000. */
  readonly timeout?: number
  /** Refuse a body larger than this; default 128 MiB. */
  readonly maxBytes?: number
  /** Answers of any status are returned, not thrown. */
  readonly anyStatus?: boolean
  /** A web page may be what was asked for; whoever asks by another way must know. */
  readonly page?: boolean
}

/** Asks once, and reads the answer whole. Throws KubeError on a status that is not 2xx, on silence and on a broken connection. */
export async function askPool(
  pool: Dispatcher,
  origin: string,
  path: string,
  request: PoolRequest,
): Promise<KubeResponse> {
  const clock = startClock(request.timeout ?? TIMEOUT_MS)
  try {
    const response = await askWhole(pool, {
      origin,
      path,
      method: 'GET',
      headers: { accept: '*/*', 'accept-encoding': 'identity', ...request.headers },
      signal: AbortSignal.any([request.signal, clock.signal]),
      maxBytes: request.maxBytes ?? MAX_BYTES,
      onBeginning: () => {},
    })
    const { statusCode: status } = response
    const body = await response.body
    if (!request.anyStatus && (status < 200 || status > 299)) throw refused(path, { status, body })
    return { status, body, ...describeHead(response), at: new Date() }
  } catch (cause) {
    if (request.signal.aborted) throw request.signal.reason
    if (clock.signal.aborted) throw timedOut(path, request.timeout ?? TIMEOUT_MS, cause)
    if (cause instanceof KubeError) throw cause
    const words = cause instanceof Error ? cause.message : String(cause)
    throw new KubeError({ message: `${path}: ${words}`, status: 0, reason: 'ConnectionFailed', cause })
  } finally {
    clock.stop()
  }
}

/** A refusal of a kubelet or an agent, which answer in plain text: "Forbidden (user=jane, verb=get, resource=nodes, subresource=metrics)". */
export function refused(path: string, { status, body }: Pick<KubeResponse, 'status' | 'body'>): KubeError {
  const line = body.subarray(0, 500).toString('utf8').trim().split('\n')[0] ?? ''
  const words = line.startsWith('<') || line === '' ? '' : `: ${line.slice(0, 300)}`
  return new KubeError({ message: `${path} answered ${status}${words}`, status, reason: `HTTP ${status}` })
}
