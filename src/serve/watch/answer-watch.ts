import { type Answer, type Ask, json, statusOf, warn } from '../answer.ts'
import { listVersion } from '../changes/list-version.ts'
import type { Row } from '../listing.ts'
import { describeMissing, describeRebuilt, prepareWriting, readFound, tooLarge } from '../objects.ts'
import type { ListQuery } from '../query.ts'
import { Refusal } from '../refusal.ts'
import type { Replay } from '../replay.ts'
import type { Resolved } from '../resolve.ts'
import { compileFieldSelector } from '../selectors/field-match.ts'
import { readUint64 } from '../selectors/integer.ts'
import { checkFieldTerms, type SelectableField, selectableFields } from '../selectors/selectable.ts'
import type { Target } from '../target.ts'
import { watchEvents } from './watch-events.ts'
import { writeEvent } from './write-event.ts'

/**
 * Answers a watch: the state where it was asked for, the recorded changes that are newer, and then nothing more, until the client leaves
 * or its timeout is over; of its own accord the server ends none.
 *
 * A gap in the recording is told by a warning. The 410 that a real server would have sent makes a client list again, and here it would get
 * the same list, watch from the same version and come to the same gap, forever.
 */
export async function answerWatch(
  replay: Replay,
  resolved: Resolved,
  target: Target,
  query: ListQuery,
  ask: Ask,
): Promise<Answer> {
  const { resource, as } = resolved
  const { namespace } = target
  const asked = { ...target, namespaced: resource.namespaced }
  const fields = as ? selectableFields(asked, []) : await replay.fields(resource)
  checkFieldTerms(query.fields, fields, asked)
  const changes = await replay.changes(resource)
  const listing = await replay.list(resource, namespace)
  const writing = await prepareWriting(replay, resolved, listing, ask)
  const current = listing.head.resourceVersion
  const refused = checkVersion(query, listVersion(changes.base, namespace), current)
  if (refused) return json(writeEvent('ERROR', String(statusOf(refused).body)))
  const hasState = query.sendInitialEvents === true
  const events = watchEvents({
    changes,
    rows: hasState ? listing.rows : undefined,
    version: readUint64(hasState || isAny(query) ? current : query.resourceVersion) ?? 0n,
    matches: matcherOf(query, fields, namespace),
    bookmarks: query.allowWatchBookmarks,
    writing,
    signal: endOf(query, ask),
    read: (rows) => readFound(replay, rows, as),
  })
  const state = hasState ? [describeRebuilt(replay), describeMissing(replay, resource, listing, namespace)] : []
  return warn({ ...json(''), body: events }, ...state, ...changes.warnings)
}

function isAny({ resourceVersion }: ListQuery): boolean {
  return resourceVersion === '' || resourceVersion === '0'
}

/** What the stream of a real server begins and ends with: a version that is forgotten, or a state that has not come yet. */
function checkVersion(query: ListQuery, oldest: string, current: string): Refusal | undefined {
  const [asked, first, last] = [query.resourceVersion, oldest, current].map(readUint64)
  if (isAny(query) || asked === undefined || first === undefined || last === undefined) return undefined
  if (query.sendInitialEvents) return asked > last ? tooLarge(query.resourceVersion, current) : undefined
  if (asked >= first) return undefined
  return new Refusal(410, 'Expired', `too old resource version: ${asked} (${oldest})`)
}

function matcherOf(
  query: ListQuery,
  fields: readonly SelectableField[],
  namespace: string | undefined,
): (row: Row) => boolean {
  const matchFields = compileFieldSelector(query.fields, fields)
  return (row) =>
    (namespace === undefined || row.namespace === namespace) &&
    query.labels(row.labels) &&
    matchFields(row.fields, row.name, row.namespace)
}

/** The longest that a timer takes is 2^31 ms. */
const LONGEST_WATCH_SECONDS = 2_000_000

function endOf({ timeoutSeconds }: ListQuery, { signal }: Ask): AbortSignal {
  if (timeoutSeconds === undefined) return signal
  const seconds = Math.min(Math.max(timeoutSeconds, 0), LONGEST_WATCH_SECONDS)
  return AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)])
}
