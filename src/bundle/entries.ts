import type { ByteSource } from './byte-source.ts'
import { checkPath } from './entry-path.ts'
import type { IndexedFile } from './index-file.ts'

/** The archive's own entry: where a reader has come without it, it is of no use any more. */
export const INDEX = 'index.bin'

/** What an archive holds, by path without the top directory. */
export interface Entries {
  readonly places: ReadonlyMap<string, IndexedFile>
  /** The top directory with its slash; empty where there is none. */
  readonly top: string
  readonly warnings: readonly string[]
}

/**
 * Sorts an archive's entries by path. Refuses what would lead out of it (BUNDLE_UNSAFE) and says what it leaves aside. The first of two
 * entries of one name counts: it is what the manifest hashed.
 */
export function arrangeEntries(entries: readonly IndexedFile[], source: ByteSource): Entries {
  const places = new Map<string, IndexedFile>()
  const warnings: string[] = []
  const checked = entries.map((entry) => ({ ...entry, path: checkPath(entry.path) }))
  const top = findTop(checked)
  for (const entry of checked) {
    const path = entry.path.slice(top.length)
    if (path === INDEX) continue
    if (!entry.path.startsWith(top)) warnings.push(`${entry.path} lies outside of ${top} and was ignored`)
    else if (places.has(path)) warnings.push(`${path} is there twice; the first counts`)
    else if (entry.offset + entry.bytes > source.size)
      warnings.push(`${path} lies outside of the archive and was ignored`)
    else places.set(path, entry)
  }
  return { places, top, warnings: limitWarnings(warnings) }
}

/** Oddities that somebody reads; an archive that was made to be odd has a million. */
const MOST_WARNINGS = 100

/** The first of many warnings, and how many more there are. */
export function limitWarnings(warnings: readonly string[]): readonly string[] {
  const more = warnings.length - MOST_WARNINGS
  return more > 0 ? [...warnings.slice(0, MOST_WARNINGS), `and ${more} more like these`] : warnings
}

/** The directory of the first file that every bundle has; our index names files without it. */
function findTop(entries: readonly IndexedFile[]): string {
  for (const { path } of entries) {
    const found = /^([^/]+\/)?(README\.txt|manifest\.json)$/.exec(path)
    if (found) return found[1] ?? ''
  }
  const first = entries[0]?.path ?? ''
  return first.startsWith('freezeframe-') ? first.slice(0, first.indexOf('/') + 1) : ''
}
