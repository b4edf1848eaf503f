import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { groupVersion } from '../bundle/format.ts'
import { sha256 } from '../bundle/integrity.ts'
import type { BundleReader } from '../bundle/reader.ts'
import { FreezeframeError } from '../error.ts'
import type { CapturedResource } from './captured.ts'
import { isKeptListing, type KeptListing, keepListing, restoreListing } from './kept-listing.ts'
import type { Listing } from './listing.ts'

/** Raised when rows, or the fields that resources are selected by, change. */
const VERSION = 2

/** Indexes of 150,000 pods take 60 MB; what unpacks to more than this is none of ours. */
const MOST_BYTES = 1024 * 1024 * 1024

/** The first line of the file; the second one is the listings by resource. */
interface Heading {
  readonly version: number
  /** Of the bundle that the listings are of. */
  readonly root: string
  /** Hex SHA-256 of the second line. */
  readonly sha256: string
}

type KeptListings = Readonly<Record<string, KeptListing>>

/**
 * Gives the listings that an earlier replay left in a file, or makes all of them and leaves them there. A file of another bundle, of
 * another version, or that is damaged in any part is replaced. Throws OUTPUT_UNWRITABLE.
 */
export async function keepListings(
  file: string,
  bundle: BundleReader,
  resources: readonly CapturedResource[],
  index: (resource: CapturedResource) => Promise<Listing>,
): Promise<(resource: CapturedResource) => Promise<Listing>> {
  const known = await readKept(file, bundle, resources)
  if (known) return async (resource) => known.get(resource) ?? index(resource)
  const listings: Record<string, KeptListing> = {}
  for (const resource of resources) listings[nameOf(resource)] = keepListing(await index(resource))
  await writeKept(file, bundle.manifest.root, listings)
  return index
}

function nameOf(resource: CapturedResource): string {
  return `${groupVersion(resource)}/${resource.resource}`
}

/** Undefined for whatever is no index of this bundle: it is made anew. */
async function readKept(
  file: string,
  { manifest, files }: BundleReader,
  resources: readonly CapturedResource[],
): Promise<ReadonlyMap<CapturedResource, Listing> | undefined> {
  try {
    const bytes = await promisify(gunzip)(await readFile(file), { maxOutputLength: MOST_BYTES })
    const end = bytes.indexOf('\n')
    const { version, root, sha256: hash } = JSON.parse(bytes.toString('utf8', 0, end)) as Heading
    const body = bytes.subarray(end + 1)
    if (version !== VERSION || root !== manifest.root || hash !== sha256(body)) return undefined
    const listings = JSON.parse(body.toString('utf8')) as KeptListings
    const known = new Map<CapturedResource, Listing>()
    for (const resource of resources) {
      const kept: unknown = listings[nameOf(resource)]
      if (!isKeptListing(kept, resource, files)) return undefined
      known.set(resource, restoreListing(kept))
    }
    return known
  } catch {
    return undefined
  }
}

async function writeKept(file: string, root: string, listings: KeptListings): Promise<void> {
  const partial = `${file}.${randomUUID()}`
  const body = Buffer.from(JSON.stringify(listings))
  const heading: Heading = { version: VERSION, root, sha256: sha256(body) }
  const bytes = Buffer.concat([Buffer.from(`${JSON.stringify(heading)}\n`), body])
  try {
    await writeFile(partial, await promisify(gzip)(bytes, { level: 1 }), { mode: 0o600, flag: 'wx' })
    await rename(partial, file)
  } catch (cause) {
    await rm(partial, { force: true })
    throw new FreezeframeError('OUTPUT_UNWRITABLE', `Cannot write the index ${file}.`, {
      remedy: 'Leave out --cache, or put the bundle into a folder that you may write to.',
      cause,
    })
  }
}
