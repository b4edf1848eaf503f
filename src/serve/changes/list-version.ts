import type { Listing, Row } from '../listing.ts'
import { findRow } from '../select-rows.ts'
import { readUint64 } from '../selectors/integer.ts'

/**
 * The resourceVersion of a list. Its pages can be of several moments, where several namespaces were listed or a list was begun anew: it
 * then is the oldest of them, so that whoever watches from it on misses nothing. A namespace that was listed by itself has its own.
 */
export function listVersion({ head, versions }: Listing, namespace: string | undefined): string {
  const own = [...versions].filter(([path]) => isOf(path, namespace)).map(([, version]) => version)
  const [oldest] = [...(own.length > 0 ? own : versions.values())].sort(compareVersions)
  return oldest === undefined ? head.resourceVersion : String(oldest)
}

/** The list as it is answered: all of it, or the part of one namespace. */
export function listingOf(listing: Listing, namespace: string | undefined): Listing {
  return { ...listing, head: { ...listing.head, resourceVersion: listVersion(listing, namespace) } }
}

/**
 * Makes the test whether a change is newer than the list that holds its object, or would. An object that is in no page would have been in
 * one of its namespace: the oldest counts, because being told twice harms nobody.
 */
export function newerThan(listing: Listing): (row: Row, version: bigint) => boolean {
  const oldest = new Map<string, bigint>()
  const oldestOf = (namespace: string) => {
    const known = oldest.get(namespace) ?? readUint64(listVersion(listing, namespace)) ?? 0n
    oldest.set(namespace, known)
    return known
  }
  return (row, version) => {
    const listed = findRow(listing.rows, row)
    if (!listed) return version > oldestOf(row.namespace)
    const own = readUint64(listed.resourceVersion) ?? 0n
    return version > (listing.versions.get(listed.path) ?? own) && version > own
  }
}

/** Whether a page `cluster/GROUP/VERSION/RESOURCE/NAMESPACE/…` is of a list of this namespace, or of a restricted one. */
function isOf(path: string, namespace: string | undefined): boolean {
  return path.split('/')[4] === namespace
}

/** The list with a state that was reached later. */
export function atVersion(listing: Listing, version: bigint): Listing {
  const versions = new Map([...listing.versions].map(([path, own]) => [path, own > version ? own : version]))
  return {
    ...listing,
    versions,
    head: { ...listing.head, resourceVersion: listVersion({ ...listing, versions }, undefined) },
  }
}

/** The order of what came to be. */
export function compareVersions(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b)
}
