import type { Kubelets } from '../kubelet/kubelet.ts'
import type { WebSocket } from './websocket.ts'

/**
 * The API server as the collectors see it: raw requests over one connection pool. Implemented by `connect.ts`.
 * Bodies are bytes, exactly as answered: no typed client stands between the server and the bundle.
 */
export interface KubeClient {
  /** Server URL, kubeconfig context and cluster entry (null in a cluster), for the manifest. */
  readonly server: string
  readonly context: string | null
  readonly clusterName: string
  /** A GET whose body is read whole. Retries 429, 503 and resets of idempotent requests; throws KubeError on any other status that is not 2xx, and on a web page. */
  get(path: string, options: RequestOptions): Promise<KubeResponse>
  /** A POST of JSON: SelfSubject reviews; with `--probe-pods` the Jobs of probes, with `--node-diagnostic` NodeDiagnostics, and nothing else. */
  post(path: string, body: unknown, options: RequestOptions): Promise<KubeResponse>
  /** A DELETE, with what is to become of dependents: only of what this tool has created itself, with `--probe-pods` and `--node-diagnostic`. */
  delete(path: string, body: unknown, options: RequestOptions): Promise<KubeResponse>
  /** A GET whose body is read as it comes (logs, watches). Throws KubeError on a status that is not 2xx, and on a web page. */
  stream(path: string, options: RequestOptions): Promise<KubeStream>
  /**
   * Opens a WebSocket (exec and port-forward of pods), with the subprotocols that the caller speaks, the best one first. Throws KubeError
   * where the server refuses, in its words.
   */
  connect(path: string, options: ConnectRequest): Promise<WebSocket>
  /** The kubelets of the cluster, which are asked without the API server where they can be reached. */
  readonly kubelets: Kubelets
  /** Requests, bytes, 429s, retries and latency so far. */
  cost(): import('../../bundle/format.ts').Cost
  /** Requests in flight now, and how many the congestion control allows (halves on 429 or rising latency, grows back slowly). */
  congestion(): { readonly inFlight: number; readonly limit: number }
  close(): Promise<void>
}

export interface RequestOptions {
  readonly signal: AbortSignal
  /** For the cost table. */
  readonly verb: 'get' | 'list' | 'watch' | 'log' | 'create' | 'delete' | 'connect'
  /** Accept header; default `application/json`. */
  readonly accept?: string
  /** Milliseconds for the whole answer (get, post) or for its head and between two chunks (stream); default 30,000. */
  readonly timeout?: number
  /** Further headers, for whoever is asked through the API server. */
  readonly headers?: Readonly<Record<string, string>>
  /** A web page may be what was asked for: a folder of a node is listed as one. */
  readonly page?: boolean
  /** Answers of any status are returned, not thrown: a failing /readyz says why in its body. */
  readonly anyStatus?: boolean
  /** Refuse a body larger than this; default 512 MiB. */
  readonly maxBytes?: number
  /** Of a get: called with the first 4 KiB or more of a good answer, or all of a shorter one, while the rest is under way; again for each try. */
  readonly onBeginning?: (bytes: Buffer) => void
}

/** What a WebSocket is opened with. */
export interface ConnectRequest {
  readonly signal: AbortSignal
  readonly protocols: readonly string[]
  /** Milliseconds for the answer, and then between two signs of life while somebody reads; default 30,000. */
  readonly timeout?: number
}

export interface KubeResponse {
  readonly status: number
  readonly body: Buffer
  readonly contentType: string
  /** The Date header, as sent. */
  readonly serverDate?: string
  /** Local clock when the answer was complete. */
  readonly at: Date
}

export interface KubeStream {
  readonly status: number
  readonly contentType: string
  readonly serverDate?: string
  /** Ends with the answer; throws KubeError when the connection breaks or stalls. Leaving the loop closes the request. */
  readonly body: AsyncIterable<Buffer>
}

/** What was asked for a line of the ledger: requests, however often each was tried, and bytes of their answers. */
export interface AskedFor {
  readonly requests: number
  readonly bytes: number
}

/** Why a request did not give its answer, in the words of the API server where it gave any. */
export class KubeError extends Error {
  override readonly name = 'KubeError'
  /** HTTP status; 0 where none came. */
  readonly status: number
  /** `reason` of the metav1.Status, else one of Timeout, ConnectionFailed, TooLarge, Aborted, InvalidResponse. */
  readonly reason: string
  /** The parsed metav1.Status, where there is one (410 carries a continue token). */
  readonly response: unknown

  constructor(options: { message: string; status: number; reason: string; response?: unknown; cause?: unknown }) {
    super(options.message, { cause: options.cause })
    this.status = options.status
    this.reason = options.reason
    this.response = options.response
  }
}
