import { FreezeframeError } from '../error.ts'
import { type ByteSource, readAll } from './byte-source.ts'
import { createChunkSource } from './chunk-source.ts'
import { arrangeEntries, limitWarnings } from './entries.ts'
import { type BundleIndex, decodeIndex, findLocator, type IndexedFile, TAIL_BYTES } from './index-file.ts'
import type { BundleFiles, Origin } from './reader.ts'
import { isGzip, notATar, spool } from './spool.ts'
import { readStored } from './stored.ts'
import { checkStructure, describeRest } from './structure.ts'
import { readEntryHeader, walkTar } from './tar.ts'

/** Opens an archive that can be read at any place: by its index where it has one, else a tar as it is and a tar.gz by spooling it. */
export async function openArchive(name: string, file: ByteSource, tmpDir: string | undefined): Promise<BundleFiles> {
  const found = await readIndex(file)
  if (found) {
    const { index, tail, truncated } = found
    const source = createChunkSource(file, index)
    const opened = arrange(source, index.files, [], truncated, file.size)
    return {
      ...opened,
      isOurs: true,
      origin: () => readOrigin(source, index.files),
      checkStructure: () => checkStructure(file, index, tail),
    }
  }
  if (!isGzip(await file.read(0, 2))) return openTar(name, file, undefined, file.size)
  const opened = await openStream(name, readAll(file), tmpDir)
  await file.close()
  return opened
}

/** Opens an archive that can be read only once, by spooling it. */
export async function openStream(
  name: string,
  chunks: AsyncIterable<Buffer>,
  tmpDir: string | undefined,
): Promise<BundleFiles> {
  const { source, truncated, packedBytes, rest } = await spool(name, chunks, tmpDir)
  try {
    const opened = await openTar(name, source, truncated, packedBytes)
    return { ...opened, checkStructure: async () => describeRest(rest) }
  } catch (error) {
    await source.close()
    throw error
  }
}

async function openTar(
  name: string,
  source: ByteSource,
  cut: string | undefined,
  packedBytes: number,
): Promise<BundleFiles> {
  const contents = await walkTar(source)
  if (contents.files.length === 0) throw nothingIn(name, source, cut, contents.truncated)
  const ignored = contents.ignored.map((path) => `${path} is a link or a device and was ignored`)
  const opened = arrange(source, contents.files, ignored, cut ?? contents.truncated, packedBytes)
  return { ...opened, origin: async () => ({ ...(await opened.origin()), latest: contents.latest }) }
}

function nothingIn(name: string, source: ByteSource, cut?: string, truncated?: string): FreezeframeError {
  if (source.size === 0 && cut === undefined) {
    return new FreezeframeError('BUNDLE_INVALID', `${name} is empty.`, { remedy: 'Copy it again from its source.' })
  }
  if (cut === 'it is cut off' || truncated?.includes(' inside ')) {
    const sentence = `${name} is cut off before its first file is whole: nothing can be read from it.`
    return new FreezeframeError('BUNDLE_TRUNCATED', sentence, {
      remedy: 'Copy it again from its source, or capture again.',
    })
  }
  return notATar(name)
}

/** What the last bytes of one of our bundles tell. */
interface Found {
  readonly index: BundleIndex
  /** The end of the tar stream, which holds the index. */
  readonly tail: Buffer
  readonly truncated: string | undefined
}

/** Reads the index of one of our bundles; undefined for anything else, and where the index is cut off or damaged. */
async function readIndex(file: ByteSource): Promise<Found | undefined> {
  const locator = findLocator(await file.read(Math.max(0, file.size - TAIL_BYTES), TAIL_BYTES))
  if (!locator || locator.region >= file.size) return undefined
  const { held, isEnded } = await readStored(file, locator.region)
  const index = decodeIndex(held.subarray(locator.offset, locator.offset + locator.length), locator)
  return index && { index, tail: held, truncated: isEnded ? undefined : 'its last bytes are cut off' }
}

/** An index names neither top directory nor times: the headers of the first and the last file that the manifest would name do. */
async function readOrigin(source: ByteSource, files: readonly IndexedFile[]): Promise<Origin> {
  const captured = files.filter(({ path }) => path !== 'manifest.json')
  const [first, last] = await Promise.all([captured[0], captured.at(-1)].map((file) => headerOf(source, file)))
  return { name: first?.path.split('/')[0] ?? '', latest: last?.written ?? 0 }
}

/** Undefined where it cannot be read: the manifest may have been lost with it. */
async function headerOf(source: ByteSource, file: IndexedFile | undefined) {
  return file && readEntryHeader(source, file.offset).catch(() => undefined)
}

function arrange(
  source: ByteSource,
  entries: readonly IndexedFile[],
  ignored: readonly string[],
  truncated: string | undefined,
  packedBytes: number,
): BundleFiles {
  const { places, top, warnings } = arrangeEntries(entries, source)
  return {
    files: new Map([...places].map(([path, entry]) => [path, entry.bytes])),
    warnings: [...limitWarnings(ignored), ...warnings],
    truncated,
    packedBytes,
    isOurs: top.startsWith('freezeframe-'),
    origin: async () => ({ name: top.slice(0, -1), latest: 0 }),
    async read(path, offset, length) {
      const entry = places.get(path)
      return entry ? source.read(entry.offset + offset, Math.min(length, entry.bytes - offset)) : Buffer.alloc(0)
    },
    checkStructure: async () => [],
    close: () => source.close(),
  }
}
