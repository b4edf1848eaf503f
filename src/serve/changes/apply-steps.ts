import { compareRows, keyOf, type Listing, type Row } from '../listing.ts'
import { atVersion } from './list-version.ts'
import type { Step } from './steps.ts'

/** The list as it was after these steps. */
export function applySteps(listing: Listing, steps: readonly Step[]): Listing {
  const last = steps.at(-1)
  if (!last) return listing
  const changed = new Map<string, Row | undefined>(steps.map(({ row, after }) => [keyOf(row), after]))
  const kept = listing.rows.filter((row) => !changed.has(keyOf(row)))
  const added = [...changed.values()].filter((row) => row !== undefined)
  return { ...atVersion(listing, last.version), rows: [...kept, ...added].sort(compareRows) }
}
