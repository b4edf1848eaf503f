import { type KubeClient, KubeError, type KubeResponse } from './client.ts'
import { keyOfLastItem, keyOfToken, omitItemsUpTo } from './list-order.ts'

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
  /** How many objects were cut from the head of the answer, because they stand on earlier pages. */
  readonly omitted?: number
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
 * Lists page by page. The next page is asked for as soon as the head of the one that is waited for has told where it begins, so the server
 * is at work on it while that one is still under way and while the caller works on the last. Throws KubeError.
 *
 * An expired continue token (410) goes on with the token of the answer, which keeps the place in a later snapshot (etcd3/store.go,
 * handleCompactedErrorForPaging). Where the answer has none, the list is asked for anew and everything up to the last object seen is cut
 * from it: lists come in the order of their keys, namespace and name. Either way no object comes twice, and none is lost that lived
 * all the while; pages stay as answered, but for the head of the one page through which the cut goes.
 */
export async function* listPages(kube: KubeClient, list: ListRequest): AsyncGenerator<ListPage> {
  let current: Fetching | undefined = startPage(kube, list, { number: 1, limit: list.limit })
  let next: Fetching | undefined
  try {
    while (current) {
      current.foretell((place) => {
        next ??= startPage(kube, list, place)
      })
      const fetched: Fetched | undefined = await current.page
      if (!fetched) return
      next = follow(kube, list, next, fetched.following)
      yield fetched.page
      current = next
      next = undefined
    }
  } finally {
    current?.leave()
    next?.leave()
  }
}

/** A page that was asked for. */
interface Fetching {
  readonly place: Place
  readonly page: Promise<Fetched | undefined>
  /** Tells where the next page begins once that is known, if it is before the whole page has come. */
  foretell(tell: (place: Place) => void): void
  leave(): void
}

function startPage(kube: KubeClient, list: ListRequest, place: Place): Fetching {
  const left = new AbortController()
  const known = Promise.withResolvers<Place>()
  const page = fetchPage(kube, { ...list, signal: AbortSignal.any([list.signal, left.signal]) }, place, known.resolve)
  // It is awaited a page later; until then a failure must not end the process.
  page.catch(() => {})
  return {
    place,
    page,
    foretell: (tell) => void known.promise.then((next) => left.signal.aborted || tell(next)),
    leave: () => left.abort(),
  }
}

/** The page that was asked for ahead, if it is the one that follows: one that was tried again may have ended elsewhere. */
function follow(
  kube: KubeClient,
  list: ListRequest,
  ahead: Fetching | undefined,
  place: Place | undefined,
): Fetching | undefined {
  if (ahead && place && ahead.place.token === place.token && ahead.place.limit === place.limit) return ahead
  ahead?.leave()
  return place && startPage(kube, list, place)
}

/** The first page alone: nothing beyond it is asked for. */
export async function firstPage(kube: KubeClient, list: ListRequest): Promise<ListPage | undefined> {
  return (await fetchPage(kube, list, { number: 1, limit: list.limit }))?.page
}

/** Where in a list a page begins, and how it is asked for. */
interface Place {
  readonly number: number
  readonly limit: number
  readonly token?: string | undefined
  /** Key of the last object before it, where that can be told. */
  readonly seen?: string | undefined
  /** The list was asked for anew: what comes up to this key is cut. */
  readonly after?: string | undefined
  readonly restarted?: string | undefined
}

interface Fetched {
  readonly page: ListPage
  readonly following: Place | undefined
}

/** Asks until there is a page with something new on it; undefined at the end of a list that was asked for anew. */
async function fetchPage(
  kube: KubeClient,
  list: ListRequest,
  start: Place,
  foretell: (place: Place) => void = () => {},
): Promise<Fetched | undefined> {
  let place = start
  for (;;) {
    const request = pagePath(list, place)
    let response: KubeResponse
    try {
      const asked = place
      response = await kube.get(request, {
        signal: list.signal,
        verb: 'list',
        ...(list.timeout === undefined ? {} : { timeout: list.timeout }),
        onBeginning(bytes) {
          const following = placeForetold(asked, bytes)
          if (following) foretell(following)
        },
      })
    } catch (error) {
      place = afterFailure(error, place)
      continue
    }
    const fetched = readPage(request, response, place)
    if (fetched.page) return { page: fetched.page, following: fetched.following }
    if (!fetched.following) return undefined
    place = fetched.following
  }
}

function pagePath(list: ListRequest, place: Place): string {
  const query = new URLSearchParams({ limit: String(place.limit), ...list.query })
  if (place.token !== undefined) query.set('continue', place.token)
  return `${list.path}?${query}`
}

/** Where to go on after a page that failed; throws the error where another try would fail alike. */
function afterFailure(error: unknown, place: Place): Place {
  if (!(error instanceof KubeError)) throw error
  const next = error.status === 410 ? afterExpiry(error, place) : afterFailedPage(error, place)
  if (!next) throw error
  return next
}

/** The token of the answer, once for each page; else, once for each page too, the whole list anew. */
function afterExpiry(error: KubeError, place: Place): Place | undefined {
  const token = (error.response as { metadata?: { continue?: string } } | undefined)?.metadata?.continue
  if (token && place.restarted === undefined) return { ...place, token, restarted: GONE_ON }
  if (place.seen === undefined || place.after !== undefined) return undefined
  return { number: place.number, limit: place.limit, after: place.seen, restarted: ASKED_ANEW }
}

const GONE_ON = 'the continue token had expired (410); from here on a later snapshot'
const ASKED_ANEW = `${GONE_ON}, of which what was read before is left out`

function afterFailedPage(error: KubeError, place: Place): Place | undefined {
  const limit = Math.floor(place.limit / 4)
  return limit >= SMALLEST_LIMIT && isTooMuch(error) ? { ...place, limit } : undefined
}

/** Failures that a smaller page may avoid: time, size, an overloaded etcd ("etcdserver: request timed out", "… is too large"). */
function isTooMuch(error: KubeError): boolean {
  return error.reason === 'Timeout' || error.reason === 'TooLarge' || [413, 500, 503, 504].includes(error.status)
}

/** The page and the place behind it; no page where everything on it was seen before. */
function readPage(request: string, response: KubeResponse, place: Place): { page?: ListPage; following?: Place } {
  const head = readHead(response.body)
  const kept = place.after === undefined ? undefined : omitItemsUpTo(response.body, place.after)
  const following =
    head.continue === undefined ? {} : { following: placeBehind(place, head.continue, response.body, kept) }
  if (kept?.empty && !head.empty) return following
  const page = {
    body: kept?.body ?? response.body,
    request: `GET ${request}`,
    status: response.status,
    ...(response.serverDate === undefined ? {} : { serverDate: response.serverDate }),
    at: response.at,
    number: place.number,
    resourceVersion: head.resourceVersion,
    remaining: head.remainingItemCount,
    empty: head.empty,
    ...(place.restarted === undefined ? {} : { restarted: place.restarted }),
    ...(kept?.omitted ? { omitted: kept.omitted } : {}),
  }
  return { page, ...following }
}

function placeBehind(place: Place, token: string, body: Buffer, kept: { empty: boolean } | undefined): Place {
  if (kept?.empty) return { ...place, token }
  return { number: place.number + 1, limit: place.limit, token, seen: keyOfToken(token) ?? keyOfLastItem(body) }
}

/** Where the next page begins, if the head of this one says so in the API server's own way and nothing is cut from it. */
function placeForetold(place: Place, beginning: Buffer): Place | undefined {
  const token = place.after === undefined ? tokenIn(beginning) : undefined
  const seen = token && keyOfToken(token)
  return token && seen ? { number: place.number + 1, limit: place.limit, token, seen } : undefined
}

/** Undefined also where the body will turn out to be no list. */
function tokenIn(beginning: Buffer): string | undefined {
  try {
    return readMetadata(beginning)?.continue
  } catch {
    return undefined
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
  const head = readMetadata(body)
  if (head) return head
  const parsed = parseList(body)
  return { ...pickMetadata(parsed.metadata ?? {}), empty: (parsed.items?.length ?? 0) === 0 }
}

/** The same of the first bytes; undefined where it does not stand there. */
function readMetadata(body: Buffer): ListHead | undefined {
  const text = body.toString('utf8', 0, HEAD_BYTES)
  const items = /"items"\s*:\s*(\[\s*\]|\[|null)/.exec(text)
  const metadata = /"metadata"\s*:\s*(\{[^{}]*\})/.exec(text)
  if (!items || !metadata?.[1] || metadata.index > items.index) return undefined
  return { ...pickMetadata(JSON.parse(metadata[1])), empty: items[1] !== '[' }
}

function pickMetadata(metadata: Record<string, unknown>): Omit<ListHead, 'empty'> {
  return {
    resourceVersion: typeof metadata.resourceVersion === 'string' ? metadata.resourceVersion : undefined,
    continue: typeof metadata.continue === 'string' && metadata.continue !== '' ? metadata.continue : undefined,
    remainingItemCount: typeof metadata.remainingItemCount === 'number' ? metadata.remainingItemCount : undefined,
  }
}

interface List {
  readonly metadata?: Record<string, unknown> | null
  /** Go writes an empty slice as null. */
  readonly items: readonly unknown[] | null
}

/** What has no `items` is no list: read as one, it would say that there is nothing. */
function parseList(body: Buffer): List {
  const parsed = parseJson(body)
  if (isList(parsed)) return parsed
  throw new KubeError({
    message: `The server answered a list with something that has no items${wordsOf(parsed)}.`,
    status: 0,
    reason: 'InvalidResponse',
  })
}

function isList(parsed: unknown): parsed is List {
  if (typeof parsed !== 'object' || parsed === null || !('items' in parsed)) return false
  return parsed.items === null || Array.isArray(parsed.items)
}

/** A Status says why; anything else is no text that may go into the ledger. */
function wordsOf(parsed: unknown): string {
  const { kind, message } = (parsed ?? {}) as { kind?: unknown; message?: unknown }
  return kind === 'Status' && typeof message === 'string' ? `: ${message}` : ''
}

function parseJson(body: Buffer): unknown {
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
