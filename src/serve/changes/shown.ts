import type { CapturedResource } from '../captured.ts'
import type { Listing, Row } from '../listing.ts'
import type { Table } from '../table/index.ts'
import type { Found } from '../write-objects.ts'
import type { Changes } from './changes.ts'

/** The state of the cluster that a replay shows. */
export interface Shown {
  /** What the state rests on, in a sentence each. */
  readonly notes: readonly string[]
  /** The moment that ages are of, by the server's clock. */
  now(): Date
  list(resource: CapturedResource): Promise<Listing>
  changes(resource: CapturedResource): Promise<Changes>
  read(rows: readonly Row[]): AsyncIterable<Found>
  /** A resource's table, changed where its objects are not all there. */
  print(table: Table): Table
}
