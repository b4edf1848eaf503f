import { type KubeClient, KubeError, type KubeResponse } from './client.ts'

/** One page of a list, as answered. */
export interface ListPage {
  readonly body: Buffer
  /** `GET /api/v1/pods?limit=500`, as it was asked. */
  readonly request: string
  readonly status: number
  readonly serverDate?: string
  readonly at: Date
  /** From 1. */
  readonly number: number
  readonly resourceVersion: string | undefined
  /** Objects on later pages, where the server tells. */
  readonly remaining: number | undefined
  /** Whether the page holds no object. */
  readonly empty: boolean
  /** Why this page is of a later moment than the one before it: its continue token had expired. */
  readonly restarted?: string
}

/** What a list asks. `query` holds further parameters (fieldSelector …). */
export interface ListRequest {
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** Objects per page at first; halved twice over for a page that fails. */
  readonly limit: number
  readonly signal: AbortSignal
  readonly timeout?: number
}

/** The smallest page worth asking for: below, it is not the size that fails. */
const SMALLEST_LIMIT = 25

/** The list's own metadata stands before its items in every answer of the API server (struct order of metav1.ListMeta). */
const HEAD_BYTES = 4096

/**
 * Lists page by page; the next page is asked for while the caller works on this one. An expired continue token (410) goes on with the token
 * of the answer, which keeps the place in a later snapshot: nothing twice, and nothing lost that lived all the while. Throws KubeError.
 */
export async function* listPages(kube: KubeClient, list: ListRequest): AsyncGenerator<ListPage> {
  let next: Promise<ListPage> | undefined = fetchPage(kube, list, { number: 1, limit: list.limit })
  while (next) {
    const { page, following } = await settle(kube, list, next)
    next = following
    yield page
  }
}

/** The first page alone, with nothing asked for behind it. Throws KubeError. */
export function firstPage(kube: KubeClient, list: ListRequest): Promise<ListPage> {
  return fetchPage(kube, list, { number: 1, limit: list.limit })
}

interface Place {
  readonly number: number
  readonly limit: number
  readonly token?: string
  readonly restarted?: string
}

interface Fetched extends ListPage {
  readonly token: string | undefined
  readonly limit: number
}

async function settle(kube: KubeClient, list: ListRequest, fetching: Promise<ListPage>) {
  const { token, limit, ...page } = (await fetching) as Fetched
  if (!token) return { page, following: undefined }
  const following = fetchPage(kube, list, { number: page.number + 1, limit, token })
  // It is awaited a page later; until then a failure must not end the process.
  following.catch(() => {})
  return { page, following }
}

async function fetchPage(kube: KubeClient, list: ListRequest, place: Place): Promise<Fetched> {
  const path = pagePath(list, place)
  try {
    const timeout = list.timeout === undefined ? {} : { timeout: list.timeout }
    const response = await kube.get(path, { signal: list.signal, verb: 'list', ...timeout })
    return describePage(path, place, response)
  } catch (error) {
    const again = afterFailure(error, place)
    if (!again || list.signal.aborted) throw error
    return fetchPage(kube, list, again)
  }
}

function pagePath(list: ListRequest, place: Place): string {
  const query = new URLSearchParams({ limit: String(place.limit), ...list.query })
  if (place.token !== undefined) query.set('continue', place.token)
  return `${list.path}?${query}`
}

/** Where to go on after a page that failed; undefined where another try would fail alike. */
function afterFailure(error: unknown, place: Place): Place | undefined {
  if (!(error instanceof KubeError)) return undefined
  if (error.status === 410) {
    const token = (error.response as { metadata?: { continue?: string } } | undefined)?.metadata?.continue
    return token
      ? { ...place, token, restarted: 'the continue token had expired (410); from here on a later snapshot' }
      : undefined
  }
  const limit = Math.floor(place.limit / 4)
  return limit >= SMALLEST_LIMIT && isTooMuch(error) ? { ...place, limit } : undefined
}

/** Failures that a smaller page may avoid: time, size, an overloaded etcd ("etcdserver: request timed out", "… is too large"). */
function isTooMuch(error: KubeError): boolean {
  return error.reason === 'Timeout' || error.reason === 'TooLarge' || [413, 500, 503, 504].includes(error.status)
}

function describePage(path: string, place: Place, response: KubeResponse): Fetched {
  const head = readHead(response.body)
  return {
    body: response.body,
    request: `GET ${path}`,
    status: response.status,
    ...(response.serverDate === undefined ? {} : { serverDate: response.serverDate }),
    at: response.at,
    number: place.number,
    limit: place.limit,
    resourceVersion: head.resourceVersion,
    remaining: head.remainingItemCount,
    token: head.continue,
    empty: head.empty,
    ...(place.restarted === undefined ? {} : { restarted: place.restarted }),
  }
}

interface ListHead {
  resourceVersion: string | undefined
  continue: string | undefined
  remainingItemCount: number | undefined
  empty: boolean
}

/** Reads the list's metadata without parsing its items; an answer of another order (an aggregated API) is parsed whole. */
function readHead(body: Buffer): ListHead {
  const text = body.toString('utf8', 0, HEAD_BYTES)
  const items = /"items"\s*:\s*(\[\s*\]|\[|null)/.exec(text)
  const metadata = /"metadata"\s*:\s*(\{[^{}]*\})/.exec(text)
  if (items && metadata?.[1] && metadata.index < items.index) {
    return { ...parseMetadata(metadata[1]), empty: items[1] !== '[' }
  }
  const parsed = parseList(body)
  return { ...pickMetadata(parsed.metadata), empty: (parsed.items?.length ?? 0) === 0 }
}

function parseMetadata(text: string): Omit<ListHead, 'empty'> {
  return pickMetadata(JSON.parse(text))
}

function pickMetadata(metadata: Record<string, unknown> = {}): Omit<ListHead, 'empty'> {
  return {
    resourceVersion: typeof metadata.resourceVersion === 'string' ? metadata.resourceVersion : undefined,
    continue: typeof metadata.continue === 'string' && metadata.continue !== '' ? metadata.continue : undefined,
    remainingItemCount: typeof metadata.remainingItemCount === 'number' ? metadata.remainingItemCount : undefined,
  }
}

function parseList(body: Buffer): { metadata?: Record<string, unknown>; items?: unknown[] } {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (cause) {
    throw new KubeError({
      message: 'The server answered a list that is not JSON.',
      status: 0,
      reason: 'InvalidResponse',
      cause,
    })
  }
}
