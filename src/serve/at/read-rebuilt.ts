import type { BundleReader } from '../../bundle/reader.ts'
import type { Row } from '../listing.ts'
import { readRows } from '../read-rows.ts'
import { foundOf } from '../rewrite-object.ts'
import type { Found } from '../write-objects.ts'
import { AT } from './annotations.ts'
import type { Rebuilt } from './rebuild.ts'

/** What is known of rows beyond what lies in the bundle. */
interface Known {
  readonly notes: Pick<Rebuilt['notes'], 'get'>
  readonly stubs: Pick<Rebuilt['stubs'], 'get'>
}

/** Reads the objects of a rebuilt state, in their order: from the bundle, with a note where one is needed, or stubs. */
export async function* readRebuilt(
  bundle: BundleReader,
  rows: readonly Row[],
  { notes, stubs }: Known,
): AsyncGenerator<Found> {
  let waiting: Row[] = []
  for (const row of rows) {
    const stub = stubs.get(row)
    if (stub === undefined) {
      waiting.push(row)
      continue
    }
    yield* readNoted(bundle, waiting, notes)
    waiting = []
    yield { row, body: stub }
  }
  yield* readNoted(bundle, waiting, notes)
}

async function* readNoted(bundle: BundleReader, rows: readonly Row[], notes: Known['notes']): AsyncGenerator<Found> {
  for await (const found of readRows(bundle, rows)) yield annotate(found, notes.get(found.row))
}

function annotate({ row, body }: Found, note: string | undefined): Found {
  if (note === undefined) return { row, body }
  const object = JSON.parse(body.toString('utf8')) as { metadata: { annotations?: object } }
  const annotations = { ...object.metadata.annotations, [AT]: note }
  return foundOf(row, { ...object, metadata: { ...object.metadata, annotations } })
}
