import { compareVersions } from '../changes/list-version.ts'
import type { Recording } from '../changes/recording.ts'
import { keyOf, type Listing, type Row } from '../listing.ts'
import { readUint64 } from '../selectors/integer.ts'

/** A state of an object that was seen. */
export interface KnownState {
  /** When, by the capture's clock. */
  readonly at: number
  readonly version: bigint
  readonly how: 'listed' | 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly row: Row
}

/** All states that are known of each object of a resource, by its key and in the order in which it had them. */
export function knownStates(
  listing: Listing,
  { changes }: Recording,
  listedAt: (path: string) => number,
): ReadonlyMap<string, readonly KnownState[]> {
  const seen = changes.map(({ type, ...change }): KnownState => ({ ...change, how: type }))
  const listed = listing.rows.map((row): KnownState => {
    const version = listing.versions.get(row.path) ?? readUint64(row.resourceVersion) ?? 0n
    return { at: listedAt(row.path), version, how: 'listed', row }
  })
  const states = [...seen, ...listed].sort((a, b) => compareVersions(a.version, b.version))
  return Map.groupBy(states, ({ row }) => keyOf(row))
}

/** What is known of an object at a moment. */
export interface StateAt {
  readonly state: KnownState
  /** Whether it was seen only later, so that between the two it may have changed. */
  readonly isLater: boolean
}

/** The last state that was seen up to a moment, else the first one after it; undefined for what was not there. */
export function stateAt(states: readonly KnownState[], moment: number): StateAt | undefined {
  const last = states.findLast((state) => state.at <= moment)
  if (last) return last.how === 'DELETED' ? undefined : { state: last, isLater: false }
  const [first] = states
  return first && first.how !== 'ADDED' ? { state: first, isLater: true } : undefined
}
