import { compareRows, keyOf, type Listing, type Row } from '../listing.ts'
import type { Step } from './steps.ts'

/** The list as it was after these steps. */
export function applySteps(listing: Listing, steps: readonly Step[]): Listing {
  const last = steps.at(-1)
  if (!last) return listing
  const changed = new Map<string, Row | undefined>(steps.map(({ row, after }) => [keyOf(row), after]))
  const kept = listing.rows.filter((row) => !changed.has(keyOf(row)))
  const added = [...changed.values()].filter((row) => row !== undefined)
  return {
    ...listing,
    rows: [...kept, ...added].sort(compareRows),
    versions: new Map([...listing.versions].map(([path, version]) => [path, later(version, last.version)])),
    head: { ...listing.head, resourceVersion: String(last.version) },
  }
}

function later(one: bigint, other: bigint): bigint {
  return one > other ? one : other
}
