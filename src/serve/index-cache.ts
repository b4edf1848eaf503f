import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { groupVersion } from '../bundle/format.ts'
import type { BundleReader } from '../bundle/reader.ts'
import { FreezeframeError } from '../error.ts'
import type { CapturedResource } from './captured.ts'
import type { Listing } from './listing.ts'

/** Raised when rows, or the fields that resources are selected by, change. */
const VERSION = 1

/** Indexes of 150,000 pods take 60 MB; what unpacks to more than this is none of ours. */
const MOST_BYTES = 1024 * 1024 * 1024

/** What is kept: for which bundle, and the listings by resource. */
interface Kept {
  readonly version: number
  readonly root: string
  readonly listings: Readonly<Record<string, KeptListing>>
}

/** A listing without what JSON does not know. */
type KeptListing = Omit<Listing, 'versions'> & { readonly versions: Readonly<Record<string, string>> }

/**
 * Gives the listings that an earlier replay left in a file, or makes all of them and leaves them there. A file of another bundle, or of
 * another version, is replaced. Throws OUTPUT_UNWRITABLE.
 */
export async function keepListings(
  file: string,
  bundle: BundleReader,
  resources: readonly CapturedResource[],
  index: (resource: CapturedResource) => Promise<Listing>,
): Promise<(resource: CapturedResource) => Promise<Listing>> {
  const { root } = bundle.manifest
  const known = await readKept(file)
  if (known?.version === VERSION && known.root === root && resources.every((one) => known.listings[nameOf(one)]))
    return async (resource) => restore(known.listings[nameOf(resource)]) ?? index(resource)
  const listings: Record<string, KeptListing> = {}
  for (const resource of resources) listings[nameOf(resource)] = store(await index(resource))
  await writeKept(file, { version: VERSION, root, listings })
  return index
}

function store({ versions, ...listing }: Listing): KeptListing {
  const texts = [...versions].map(([path, version]) => [path, String(version)] as const)
  return { ...listing, versions: Object.fromEntries(texts) }
}

function restore(kept: KeptListing | undefined): Listing | undefined {
  if (!kept) return undefined
  const versions = Object.entries(kept.versions).map(([path, version]) => [path, BigInt(version)] as const)
  return { ...kept, versions: new Map(versions) }
}

function nameOf(resource: CapturedResource): string {
  return `${groupVersion(resource)}/${resource.resource}`
}

/** Undefined for whatever is no index: it is made anew. */
async function readKept(file: string): Promise<Kept | undefined> {
  try {
    const text = await promisify(gunzip)(await readFile(file), { maxOutputLength: MOST_BYTES })
    return JSON.parse(text.toString('utf8')) as Kept
  } catch {
    return undefined
  }
}

async function writeKept(file: string, kept: Kept): Promise<void> {
  const partial = `${file}.${randomUUID()}`
  try {
    await writeFile(partial, await promisify(gzip)(JSON.stringify(kept), { level: 1 }), { mode: 0o600, flag: 'wx' })
    await rename(partial, file)
  } catch (cause) {
    await rm(partial, { force: true })
    throw new FreezeframeError('OUTPUT_UNWRITABLE', `Cannot write the index ${file}.`, {
      remedy: 'Leave out --cache, or put the bundle into a folder that you may write to.',
      cause,
    })
  }
}
