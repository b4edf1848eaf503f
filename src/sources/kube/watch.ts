import { setTimeout as sleep } from 'node:timers/promises'
import { type KubeClient, KubeError } from './client.ts'
import { firstPage } from './list.ts'

/** One thing that a watch saw. `object` is the JSON as sent; a gap has none. */
export type WatchChange =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly observedAt: Date; readonly object: Buffer }
  | { readonly type: 'GAP'; readonly observedAt: Date; readonly reason: string }

/** What to watch: a list path and further parameters. */
export interface WatchRequest {
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** The server ends a watch after 30 to 60 minutes of its own accord (--min-request-timeout); asking for less keeps one behind a proxy alive. */
const WATCH_SECONDS = 290

/** Bookmarks come about once a minute (KEP-956), so a watch that is silent for longer than this is dead. */
const SILENCE_MS = 150_000

/** Waits between watches that end too soon, whatever ended them: each is twice the one before, until one has lasted. */
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 10_000

/** A watch that held this long was a good one: the next may begin at once. */
const LASTING_MS = 5000

/** A change is an object, and an object is at most 1.5 MiB in etcd (--max-request-bytes); this is far beyond. */
const LONGEST_LINE = 16 * 1024 * 1024

/**
 * Watches from now until the signal fires. Starts at the resourceVersion of a `limit=1` list, because a watch without one replays
 * everything. What could not be seen (410, a broken connection, a watch that ended at once) is a GAP. Throws KubeError only where watching is
 * denied or not served.
 */
export async function* watchChanges(kube: KubeClient, watch: WatchRequest): AsyncGenerator<WatchChange> {
  let version: string | undefined
  let wait = FIRST_WAIT_MS
  let reached = false
  while (!watch.signal.aborted) {
    const begun = performance.now()
    const lasted = () => performance.now() - begun >= LASTING_MS
    let silent = true
    try {
      version ??= await currentVersion(kube, watch)
      reached = true
      for await (const line of watchOnce(kube, watch, version)) {
        silent = false
        version = line.resourceVersion ?? version
        if (line.change) yield line.change
      }
      if (silent && !lasted()) yield describeGap('the server ended the watch at once, without a word')
    } catch (error) {
      if (watch.signal.aborted) return
      // What never was reached cannot be said to have a gap.
      if (version === undefined && !reached) throw error
      if (!isPassing(error)) throw error
      if (error instanceof KubeError && error.status === 410) version = undefined
      yield describeGap(error instanceof Error ? error.message : String(error))
    }
    wait = lasted() ? FIRST_WAIT_MS : await backOff(wait, watch.signal)
  }
}

/** Waits, and tells how long to wait the next time. */
async function backOff(wait: number, signal: AbortSignal): Promise<number> {
  await sleep(wait, undefined, { signal }).catch(() => {})
  return Math.min(wait * 2, LONGEST_WAIT_MS)
}

async function currentVersion(kube: KubeClient, watch: WatchRequest): Promise<string> {
  const page = await firstPage(kube, { ...watch, limit: 1 })
  if (page?.resourceVersion !== undefined) return page.resourceVersion
  throw new KubeError({
    message: `${watch.path} has no resourceVersion to watch from.`,
    status: 405,
    reason: 'MethodNotAllowed',
  })
}

interface WatchLine {
  readonly change?: WatchChange
  readonly resourceVersion?: string
}

async function* watchOnce(kube: KubeClient, watch: WatchRequest, version: string): AsyncGenerator<WatchLine> {
  const query = new URLSearchParams({
    watch: '1',
    resourceVersion: version,
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(WATCH_SECONDS),
    ...watch.query,
  })
  const stream = await kube.stream(`${watch.path}?${query}`, {
    signal: watch.signal,
    verb: 'watch',
    timeout: SILENCE_MS,
  })
  for await (const line of splitLines(stream.body)) yield readLine(line)
}

/** `{"type":"…","object":{…}}`, in this order, is what the API server writes (metav1.WatchEvent); the object is cut out, not parsed. */
const PREFIX = /^\{"type":"([A-Z]+)","object":/

function readLine(line: Buffer): WatchLine {
  const observedAt = new Date()
  const prefix = PREFIX.exec(line.toString('latin1', 0, 64))
  const { type, object } = prefix
    ? { type: prefix[1], object: line.subarray(prefix[0].length, line.lastIndexOf('}')) }
    : reparse(line)
  if (type === 'ERROR') throw errorOf(object)
  const resourceVersion = versionOf(object)
  if (type === 'BOOKMARK') return { ...(resourceVersion === undefined ? {} : { resourceVersion }) }
  if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED') return {}
  return { change: { type, observedAt, object }, ...(resourceVersion === undefined ? {} : { resourceVersion }) }
}

function reparse(line: Buffer): { type: string; object: Buffer } {
  const parsed = JSON.parse(line.toString('utf8')) as { type: string; object: unknown }
  return { type: parsed.type, object: Buffer.from(JSON.stringify(parsed.object)) }
}

/** The first resourceVersion of an object is its own: metadata stands before everything that could hold another. */
function versionOf(object: Buffer): string | undefined {
  const at = object.indexOf('"resourceVersion":"')
  if (at < 0) return undefined
  return object.toString('latin1', at + 19, object.indexOf('"', at + 19))
}

function errorOf(object: Buffer): KubeError {
  const status = JSON.parse(object.toString('utf8')) as { code?: number; reason?: string; message?: string }
  return new KubeError({
    message: status.message ?? 'the watch was ended by the server',
    status: status.code ?? 0,
    reason: status.reason ?? 'Unknown',
    response: status,
  })
}

async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pending: Buffer[] = []
  let length = 0
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const line = Buffer.concat([...pending, chunk.subarray(start, end)])
      pending = []
      length = 0
      start = end + 1
      if (line.length > 0) yield line
    }
    pending.push(chunk.subarray(start))
    length += chunk.length - start
    if (length > LONGEST_LINE) {
      throw new KubeError({
        message: `A watch sent an object of more than ${LONGEST_LINE} bytes.`,
        status: 0,
        reason: 'TooLarge',
      })
    }
  }
}

/** What will not pass by waiting: denied, not served. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof KubeError)) return (error as { code?: string }).code === 'SERVER_UNREACHABLE'
  return ![401, 403, 404, 405, 406].includes(error.status)
}

function describeGap(reason: string): WatchChange {
  return { type: 'GAP', observedAt: new Date(), reason }
}
