import type { CapturedResource } from '../captured.ts'
import { atVersion } from '../changes/list-version.ts'
import type { Source } from '../changes/source.ts'
import { compareRows, keyOf, type Listing, type Row } from '../listing.ts'
import { readRows } from '../read-rows.ts'
import { type KubeObject, record } from '../table/access.ts'
import type { Found } from '../write-objects.ts'
import { type KnownState, knownStates, stateAt } from './known-states.ts'
import { describeWrites, readLife } from './life.ts'
import { listMoments } from './list-moments.ts'
import type { Sighting } from './sightings.ts'
import { stubOf } from './stub.ts'

/** A resource as it was at a moment. */
export interface Rebuilt {
  readonly listing: Listing
  /** Of objects whose state may be of later than the moment: what is known of that. */
  readonly notes: ReadonlyMap<Row, string>
  /** Objects that are not in the bundle themselves. */
  readonly stubs: ReadonlyMap<Row, Buffer>
}

/** Rebuilds the objects of a resource at a moment, by the server's clock, from its list, its recorded changes and what others say of it. */
export async function rebuild(
  source: Source,
  resource: CapturedResource,
  sightings: readonly Sighting[],
  moment: Date,
): Promise<Rebuilt> {
  const captured = await source.list(resource)
  const recording = await source.recording(resource)
  const time = moment.getTime() - source.offset
  const states = knownStates(captured, recording, listMoments(source.bundle.manifest, captured))
  const found = [...states.values()].map((known) => stateAt(known, time)).filter((state) => state !== undefined)
  const later = found.filter(({ isLater }) => isLater).map(({ state }) => state)
  const judged = await judge(source, later, moment)
  const certain = found.filter(({ isLater }) => !isLater).map(({ state }) => state.row)
  const stubs = await makeStubs(
    source,
    resource,
    captured,
    missing(sightings, states, [...certain, ...judged.rows], time),
  )
  const rows = [...certain, ...judged.rows, ...stubs.keys()].sort(compareRows)
  const last = recording.changes.findLast(({ at }) => at <= time)
  return { listing: { ...(last ? atVersion(captured, last.version) : captured), rows }, notes: judged.notes, stubs }
}

/** Of states that were seen only later, those of objects that were there already, and what happened to them since. */
async function judge(
  source: Source,
  states: readonly KnownState[],
  moment: Date,
): Promise<Pick<Rebuilt, 'notes'> & { readonly rows: readonly Row[] }> {
  const byRow = new Map(states.map((state) => [state.row, state]))
  const rows: Row[] = []
  const notes = new Map<Row, string>()
  for await (const { row, body } of readRows(source.bundle, byRow.keys())) {
    const life = readLife(parseMetadata(row, body))
    if (life.created !== undefined && life.created > moment.getTime()) continue
    rows.push(row)
    const state = byRow.get(row)
    const writes = describeWrites(life, moment.getTime())
    // What was listed, and written by nobody since, is as it was.
    if (!state || (state.how === 'listed' && writes === undefined)) continue
    const when = new Date(state.at + source.offset).toISOString()
    notes.set(row, [`${HOW[state.how]} at ${when}`, writes].filter((one) => one !== undefined).join('; '))
  }
  return { rows, notes }
}

const HOW = {
  listed: 'as listed',
  ADDED: 'as created',
  MODIFIED: 'as changed',
  DELETED: 'as deleted',
} as const satisfies Record<KnownState['how'], string>

function parseMetadata({ metadata }: Row, body: Buffer): KubeObject {
  try {
    return record(JSON.parse(body.toString('utf8', metadata.start, metadata.end)))
  } catch {
    return {}
  }
}

/**
 * Who was there and is not known otherwise. Nothing is added where another object of that name is shown, or was seen before: two of one
 * name are never there at once, and of two that are only spoken of, the one that was spoken of first was gone.
 */
function missing(
  sightings: readonly Sighting[],
  states: ReadonlyMap<string, readonly KnownState[]>,
  shown: readonly Row[],
  time: number,
): readonly Sighting[] {
  const keys = new Set(shown.map(keyOf))
  const latest = new Map<string, Sighting>()
  for (const sighting of sightings) {
    const known = states.get(keyOf(sighting)) ?? []
    if (keys.has(keyOf(sighting)) || known.some(({ at, row }) => at <= time || row.uid === sighting.uid)) continue
    const other = latest.get(keyOf(sighting))
    if (!other || other.first.at < sighting.first.at) latest.set(keyOf(sighting), sighting)
  }
  return [...latest.values()]
}

async function makeStubs(
  source: Source,
  resource: CapturedResource,
  { head }: Listing,
  sightings: readonly Sighting[],
): Promise<ReadonlyMap<Row, Buffer>> {
  const fields = await source.fields(resource)
  const kind = { kind: resource.kind, apiVersion: head.apiVersion }
  const stubs = sightings.map((sighting): Found => stubOf(sighting, kind, fields))
  return new Map(stubs.map(({ row, body }) => [row, body]))
}
