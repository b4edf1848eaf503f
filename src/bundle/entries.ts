import { FreezeframeError } from '../error.ts'
import type { ByteSource } from './byte-source.ts'
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
  return { places, top, warnings }
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

/** A path without empty and `.` parts; throws BUNDLE_UNSAFE for one that a careless reader could be led astray by. */
function checkPath(path: string): string {
  const parts = path.split('/')
  const named = parts.filter((part) => part !== '.' && part !== '')
  const isSafe = !path.startsWith('/') && !path.includes('\\') && !path.includes('\0') && !parts.includes('..')
  if (isSafe && named.length > 0) return named.join('/')
  throw new FreezeframeError('BUNDLE_UNSAFE', `The bundle has an entry "${path}", which leads out of it.`, {
    remedy: 'No bundle of freezeframe has one: do not unpack it with another tool either.',
  })
}
