import { stat } from 'node:fs/promises'
import { FreezeframeError } from '../error.ts'
import { type ByteSource, openFileSource, readAll } from './byte-source.ts'
import { createChunkSource } from './chunk-source.ts'
import { openFolder } from './folder.ts'
import { FORMAT, type Manifest } from './format.ts'
import { type BundleIndex, decodeIndex, findLocator, type IndexedFile, TAIL_BYTES } from './index-file.ts'
import { rebuildManifest } from './rebuild.ts'
import { spool } from './spool.ts'
import { walkTar } from './tar.ts'

/** A bundle, read by path. Memory does not grow with its size: bodies are read when asked for. */
export interface BundleReader {
  /** As captured; rebuilt from `run/ledger` and the entries where the bundle was cut off before its manifest. */
  readonly manifest: Manifest
  /** Why the bundle is not whole; undefined for a whole one. */
  readonly truncated: string | undefined
  /** Oddities that do not keep it from being read: links, duplicates. */
  readonly warnings: readonly string[]
  /** Every file's path and size, in the order of the archive, without the top directory. */
  readonly files: ReadonlyMap<string, number>
  /** Rejects with ENTRY_MISSING. */
  read(path: string): Promise<Buffer>
  stream(path: string): AsyncIterable<Buffer>
  close(): Promise<void>
}

/** How a kind of bundle gives out its files; `reader` adds what is common to all. */
export interface BundleFiles {
  readonly files: ReadonlyMap<string, number>
  readonly warnings: readonly string[]
  readonly truncated: string | undefined
  read(path: string, offset: number, length: number): Promise<Buffer>
  close(): Promise<void>
}

/** Bodies are streamed in steps of this many bytes. */
const STEP = 1024 * 1024

/** A body larger than this is streamed, never read whole: 2 GiB is also what a Buffer may hold. */
const LARGEST_BODY = 1024 * 1024 * 1024

/**
 * Opens a bundle: our own by random access; any other `.tar.gz`, `.tar`, folder or standard input (`-`) of the same layout by a slow path
 * that spools what cannot be entered. Throws BUNDLE_MISSING, BUNDLE_INVALID, BUNDLE_UNSAFE or BUNDLE_TOO_NEW.
 */
export async function openBundle(source: string, options: { tmpDir?: string } = {}): Promise<BundleReader> {
  const opened = await openFiles(source, options.tmpDir)
  try {
    return await describe(source, opened)
  } catch (error) {
    await opened.close()
    throw error
  }
}

async function describe(source: string, opened: BundleFiles): Promise<BundleReader> {
  const read = (path: string) => readWhole(opened, path)
  const manifest = opened.files.has('manifest.json')
    ? parseManifest(source, await read('manifest.json'))
    : await rebuildManifest(opened.files, read)
  const unfinished = opened.files.has('manifest.json') ? undefined : 'it ends before its manifest'
  return {
    manifest,
    files: opened.files,
    warnings: opened.warnings,
    truncated: opened.truncated ?? unfinished,
    read,
    stream: (path) => streamBody(opened, path),
    close: opened.close,
  }
}

async function openFiles(source: string, tmpDir: string | undefined): Promise<BundleFiles> {
  if (source === '-') return openSpooled('-', process.stdin as AsyncIterable<Buffer>, tmpDir)
  const found = await stat(source).catch((cause) => {
    throw new FreezeframeError('BUNDLE_MISSING', `There is no bundle ${source}.`, { cause })
  })
  if (found.isDirectory()) return openFolder(source)
  const file = await openFileSource(source)
  try {
    const index = await readIndex(file)
    if (index) return arrange(createChunkSource(file, index), index.files, [], undefined)
    const isGzip = (await file.read(0, 2)).equals(Buffer.from([0x1f, 0x8b]))
    if (isGzip) return await openSpooled(source, readAll(file), tmpDir).finally(() => file.close())
    return await openTar(source, file, undefined)
  } catch (error) {
    await file.close().catch(() => {})
    throw error
  }
}

async function openSpooled(
  name: string,
  chunks: AsyncIterable<Buffer>,
  tmpDir: string | undefined,
): Promise<BundleFiles> {
  const { source, truncated } = await spool(chunks, tmpDir)
  try {
    return await openTar(name, source, truncated)
  } catch (error) {
    await source.close()
    throw error
  }
}

async function openTar(name: string, source: ByteSource, cut: string | undefined): Promise<BundleFiles> {
  const contents = await walkTar(source).catch((error) => {
    if (!(error instanceof FreezeframeError)) throw error
    throw new FreezeframeError(error.code, `${name}: ${error.message}`, {
      remedy: 'Give a bundle of freezeframe.',
      cause: error,
    })
  })
  const warnings = contents.ignored.map((path) => `${path} is a link or a device and was ignored`)
  return arrange(source, contents.files, warnings, cut ?? contents.truncated)
}

/** Reads the index of one of our bundles; undefined for anything else, cut-off bundles included. */
async function readIndex(file: ByteSource): Promise<BundleIndex | undefined> {
  const tail = await file.read(Math.max(0, file.size - TAIL_BYTES), TAIL_BYTES)
  const locator = findLocator(tail)
  if (!locator || locator.region >= file.size) return undefined
  const stored = await readStored(file, locator.region, locator.offset + locator.length)
  return decodeIndex(stored.subarray(locator.offset), locator)
}

/** Reads `length` bytes out of stored deflate blocks (RFC 1951 section 3.2.4) that begin at `region`. */
async function readStored(file: ByteSource, region: number, length: number): Promise<Buffer> {
  const blocks = Math.ceil(length / 65_535) + 1
  const raw = await file.read(region, length + blocks * 5)
  const parts: Buffer[] = []
  let have = 0
  for (let at = 0; have < length && at + 5 <= raw.length; ) {
    const size = raw.readUInt16LE(at + 1)
    if (raw[at] !== 0 || size !== (raw.readUInt16LE(at + 3) ^ 0xffff)) break
    parts.push(raw.subarray(at + 5, at + 5 + size))
    have += size
    at += 5 + size
  }
  return Buffer.concat(parts).subarray(0, length)
}

/** Strips the top directory and refuses what would lead out of it. The first of two entries of one name counts: it is what the manifest hashed. */
function arrange(
  source: ByteSource,
  entries: readonly IndexedFile[],
  warnings: readonly string[],
  truncated: string | undefined,
): BundleFiles {
  const places = new Map<string, IndexedFile>()
  const said = [...warnings]
  const strip = commonTop(entries)
  for (const entry of entries) {
    const path = checkPath(entry.path.slice(strip))
    if (places.has(path)) said.push(`${path} is there twice; the first counts`)
    else if (isInside(entry, source)) places.set(path, entry)
    else said.push(`${path} lies outside of the archive and was ignored`)
  }
  return {
    files: new Map([...places].map(([path, entry]) => [path, entry.bytes])),
    warnings: said,
    truncated,
    async read(path, offset, length) {
      const entry = places.get(path)
      return entry ? source.read(entry.offset + offset, Math.min(length, entry.bytes - offset)) : Buffer.alloc(0)
    },
    close: () => source.close(),
  }
}

function isInside(entry: IndexedFile, source: ByteSource): boolean {
  return entry.offset >= 0 && entry.bytes >= 0 && entry.offset + entry.bytes <= source.size
}

/** Length of the one top directory that all entries share, with its slash; our index has none. */
function commonTop(entries: readonly IndexedFile[]): number {
  const first = entries[0]?.path ?? ''
  const top = first.slice(0, first.indexOf('/') + 1)
  return top !== '' && top.startsWith('freezeframe-') && entries.every((entry) => entry.path.startsWith(top))
    ? top.length
    : 0
}

/** Throws BUNDLE_UNSAFE for a path that a careless reader could be led astray by. */
export function checkPath(path: string): string {
  const parts = path.split('/')
  if (path === '' || path.startsWith('/') || path.includes('\\') || path.includes('\0') || parts.includes('..')) {
    throw new FreezeframeError('BUNDLE_UNSAFE', `The bundle has an entry "${path}", which leads out of it.`, {
      remedy: 'Do not unpack it either.',
    })
  }
  return parts.filter((part) => part !== '.' && part !== '').join('/')
}

function parseManifest(source: string, body: Buffer): Manifest {
  let manifest: Manifest
  try {
    manifest = JSON.parse(body.toString('utf8')) as Manifest
  } catch (cause) {
    throw new FreezeframeError('BUNDLE_INVALID', `The manifest of ${source} is not JSON.`, { cause })
  }
  if (manifest?.format?.type !== FORMAT.type) {
    throw new FreezeframeError('BUNDLE_INVALID', `${source} is not a freezeframe bundle.`)
  }
  if (manifest.format.version > FORMAT.version) {
    throw new FreezeframeError(
      'BUNDLE_TOO_NEW',
      `${source} has format version ${manifest.format.version}; this freezeframe reads up to ${FORMAT.version}.`,
      { remedy: 'Install a newer freezeframe.' },
    )
  }
  return manifest
}

async function readWhole(opened: BundleFiles, path: string): Promise<Buffer> {
  const bytes = sizeOf(opened, path)
  if (bytes > LARGEST_BODY)
    throw new FreezeframeError('BUNDLE_UNSAFE', `${path} has ${bytes} bytes: too many to be read at once.`)
  return opened.read(path, 0, bytes)
}

async function* streamBody(opened: BundleFiles, path: string): AsyncGenerator<Buffer> {
  const bytes = sizeOf(opened, path)
  for (let offset = 0; offset < bytes; ) {
    const part = await opened.read(path, offset, Math.min(STEP, bytes - offset))
    if (part.length === 0) return
    offset += part.length
    yield part
  }
}

function sizeOf(opened: BundleFiles, path: string): number {
  const bytes = opened.files.get(path)
  if (bytes === undefined) throw new FreezeframeError('ENTRY_MISSING', `The bundle has no file ${path}.`)
  return bytes
}
