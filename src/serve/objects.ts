import { resourceName } from '../bundle/format.ts'
import { linesOfList } from './absence.ts'
import { type Answer, type Ask, json, warn } from './answer.ts'
import { describeNamespaces } from './captured.ts'
import { encodeContinue } from './continue.ts'
import { describeGaps, describeLoss } from './gaps.ts'
import type { Listing, Row } from './listing.ts'
import { type Form, negotiate } from './negotiate.ts'
import { type ListQuery, parseGetQuery } from './query.ts'
import { Refusal } from './refusal.ts'
import type { Replay } from './replay.ts'
import type { Resolved } from './resolve.ts'
import { rewriteEvents } from './rewrite-events.ts'
import { findRow, selectRows } from './select-rows.ts'
import { readUint64 } from './selectors/integer.ts'
import { checkFieldTerms, selectableFields } from './selectors/selectable.ts'
import { builtInTable } from './table/index.ts'
import type { Target } from './target.ts'
import {
  type Found,
  type Kind,
  type ListMeta,
  type Writing,
  writeList,
  writeMetadata,
  writeObject,
  writeTable,
} from './write-objects.ts'

/** Answers a list. */
export async function answerList(
  replay: Replay,
  { resource, as }: Resolved,
  target: Target,
  query: ListQuery,
  ask: Ask,
): Promise<Answer> {
  const asked = { ...target, namespaced: resource.namespaced }
  const listing = await replay.list(resource, target.namespace)
  // Fields are named as in the group that was asked for; both groups of events have the same ones, in the same order but for `source`.
  const fields = as ? selectableFields(asked, []) : await replay.fields(resource)
  checkFieldTerms(query.fields, fields, asked)
  checkVersion(query, listing)
  const { rows, more, remaining } = selectRows(listing, query, fields, target.namespace)
  const meta: ListMeta = {
    resourceVersion: listing.head.resourceVersion,
    ...(more === undefined ? {} : { continue: encodeContinue(listing.head.resourceVersion, more) }),
    ...(remaining === undefined ? {} : { remainingItemCount: remaining }),
  }
  const writing = await prepareWriting(replay, { resource, as }, listing, ask)
  const answer = { ...json(''), body: writeList(readFound(replay, rows, as), meta, writing) }
  return warn(answer, describeRebuilt(replay), describeMissing(replay, resource, listing, target.namespace))
}

/** Answers a get of one object. */
export async function answerGet(replay: Replay, { resource, as }: Resolved, target: Target, ask: Ask): Promise<Answer> {
  parseGetQuery(ask.query)
  const listing = await replay.list(resource)
  const found = await findObject(replay, { resource, as }, target, listing)
  const writing = await prepareWriting(replay, { resource, as }, listing, ask)
  return json(Buffer.concat([writeForm(found, writing), NEWLINE]))
}

const NEWLINE = Buffer.from('\n')

function writeForm(found: Found, writing: Writing): Buffer {
  if (writing.form.as === 'Table') return writeTable(found, writing)
  return writing.form.as === 'objects'
    ? writeObject(found.body, writing.kind)
    : writeMetadata(found, writing.form.version)
}

/** Finds one object; throws the server's own NotFound, which also says what the list may lack. */
export async function findObject(
  replay: Replay,
  { resource, as }: Resolved,
  target: Target,
  listing: Listing,
): Promise<Found> {
  const name = target.name ?? ''
  const row = findRow(listing.rows, { namespace: target.namespace ?? '', name })
  if (row) for await (const found of readFound(replay, [row], as)) return found
  const missing = describeMissing(replay, resource, listing, target.namespace)
  const when = replay.at ? ` at ${replay.at.toISOString()}, as far as this bundle proves` : ''
  const message = `${resourceName(resource)} "${name}" not found${when}${missing === undefined ? '' : `; but ${missing}`}`
  const details = { name, ...(resource.group && { group: resource.group }), kind: resource.resource }
  throw new Refusal(404, 'NotFound', message, details, missing)
}

/** Reads objects as the group that was asked for writes them. */
export async function* readFound(replay: Replay, rows: readonly Row[], as: Resolved['as']): AsyncGenerator<Found> {
  for await (const found of replay.read(rows)) yield as === undefined ? found : rewriteEvents(found, as)
}

/** How the objects are to be written: the form that the client accepts, their kind, their columns. */
export async function prepareWriting(
  replay: Replay,
  { resource, as }: Resolved,
  listing: Listing,
  ask: Ask,
): Promise<Writing> {
  const form = negotiate(ask.accept)
  return {
    form,
    kind: kindOf(listing, resource.kind, as),
    table: (as && builtInTable(resourceOf(as))) ?? (await replay.table(resource)),
    now: replay.now,
    include: includeOf(ask.query.get('includeObject'), form),
  }
}

function resourceOf(groupVersion: string): { group: string; version: string; resource: string } {
  const [version = '', group = ''] = groupVersion.split('/').reverse()
  return { group, version, resource: 'events' }
}

function kindOf({ head }: Listing, kind: string, as: Resolved['as']): Kind {
  return { apiVersion: as ?? head.apiVersion, kind: kind || head.kind.replace(/List$/, '') }
}

function includeOf(text: string | null, { as }: Form): Writing['include'] {
  if (as !== 'Table' || text === null || text === '') return 'Metadata'
  if (text === 'None' || text === 'Metadata' || text === 'Object') return text
  throw new Refusal(400, 'BadRequest', `unrecognized includeObject value: ${JSON.stringify(text)}`)
}

/** There is one state of each list: a later one never comes, and an earlier one is not known. One without a number is of any version. */
function checkVersion({ resourceVersion: asked, resourceVersionMatch }: ListQuery, { head }: Listing): void {
  const current = readUint64(head.resourceVersion)
  if (asked === '' || asked === '0' || asked === head.resourceVersion || current === undefined) return
  if (BigInt(asked) > current) throw tooLarge(asked, head.resourceVersion)
  if (resourceVersionMatch !== 'Exact') return
  const message = `The resourceVersion for the provided list is too old: this bundle holds ${head.resourceVersion}.`
  throw new Refusal(410, 'Expired', message)
}

/** apiserver, pkg/storage/errors.go, NewTooLargeResourceVersionError. */
export function tooLarge(asked: string, current: string): Refusal {
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }]
  const message = `Timeout: Too large resource version: ${asked}, current: ${current}`
  return new Refusal(504, 'Timeout', message, { causes, retryAfterSeconds: 1 })
}

/** What a list of another moment is worth, for a warning. */
export function describeRebuilt({ at }: Pick<Replay, 'at'>): string | undefined {
  if (!at) return undefined
  return `rebuilt state at ${at.toISOString()}: that something is not shown does not prove that it was not there`
}

/** What this list lacks of what there was, for a warning; undefined for a whole one. */
export function describeMissing(
  replay: Replay,
  resource: Resolved['resource'],
  listing: Listing,
  namespace: string | undefined,
): string | undefined {
  const elsewhere = namespace === undefined ? describeNamespaces(resource) : undefined
  const selector = resource.restricted.get(namespace ?? '')
  const others = selector && `of namespace ${namespace} only what has ${selector} was captured`
  const lines = linesOfList(replay.manifest, resource, namespace)
  const why = [elsewhere, others, describeGaps(lines), describeLoss(lines, replay.bundle), ...listing.damage].filter(
    (one) => one !== undefined,
  )
  return why.length > 0 ? `this list is not complete: ${why.join('; ')}` : undefined
}
