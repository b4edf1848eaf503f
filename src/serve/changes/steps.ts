import { keyOf, type Listing, type Row } from '../listing.ts'
import { findRow } from '../select-rows.ts'
import { newerThan } from './list-version.ts'
import type { Change } from './recording.ts'

/** A change as the step from one state of an object to the next one; undefined is the state of not being there. */
export interface Step {
  readonly at: number
  readonly version: bigint
  readonly before: Row | undefined
  readonly after: Row | undefined
  /** The object as the change shows it: of a deletion, what it was at last. */
  readonly row: Row
}

/** Links a list and the changes that are newer, each to the state before it, so that a watch needs to remember nothing. */
export function linkSteps(listing: Listing, changes: readonly Change[]): readonly Step[] {
  const isNewer = newerThan(listing)
  const states = new Map<string, Row | undefined>()
  const steps: Step[] = []
  for (const { type, at, version, row } of changes) {
    if (!isNewer(row, version)) continue
    const key = keyOf(row)
    const known = states.has(key) ? states.get(key) : findRow(listing.rows, row)
    const isGone = type === 'DELETED'
    // What was deleted had been there; and of another object of this name, its own deletion was missed.
    const before = isGone ? (known ?? row) : known?.uid === row.uid ? known : undefined
    const after = isGone ? undefined : row
    states.set(key, after)
    steps.push({ at, version, before, after, row })
  }
  return steps
}
