import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { FreezeframeError } from '../error.ts'
import { openArchive, openStream } from './archive.ts'
import { openFileSource } from './byte-source.ts'
import { openFolder } from './folder.ts'
import type { Manifest } from './format.ts'
import { sha256 } from './integrity.ts'
import { parseManifest } from './manifest.ts'
import { README } from './readme.ts'
import { rebuildManifest } from './rebuild.ts'

/** A bundle, read by path. Memory does not grow with its size: bodies are read when asked for. */
export interface BundleReader {
  /** As captured; rebuilt from `run/ledger` and the entries where the bundle was cut off before its manifest, or that is damaged. */
  readonly manifest: Manifest
  /** Whether the manifest is a rebuilt one: cluster and window are then estimates, or `unknown` and 1970 where nothing tells them. */
  readonly isRebuilt: boolean
  /** Why the bundle is not whole; undefined for a whole one. */
  readonly truncated: string | undefined
  /** Oddities that do not keep it from being read: links, duplicates. */
  readonly warnings: readonly string[]
  /** Every file's path and size, in the order of the archive, without the top directory and `index.bin`. */
  readonly files: ReadonlyMap<string, number>
  /** Rejects with ENTRY_MISSING, BUNDLE_INVALID where it is not what the manifest hashed, or BUNDLE_UNSAFE for more than 1 GiB. */
  read(path: string): Promise<Buffer>
  /** A part of a file; shorter where the file ends before. */
  readRange(path: string, offset: number, length: number): Promise<Buffer>
  /** From an offset to the end of the file. */
  stream(path: string, offset?: number): AsyncIterable<Buffer>
  /** Reads the archive as other tools do and gives one sentence for each way in which that differs from what this reader sees. */
  checkStructure(): Promise<readonly string[]>
  close(): Promise<void>
}

/** How a kind of bundle gives out its files; the reader adds what is common to all. */
export interface BundleFiles extends Omit<BundleReader, 'manifest' | 'isRebuilt' | 'read' | 'readRange' | 'stream'> {
  /** Whether its form alone says that freezeframe wrote it: our index, or our top directory. */
  readonly isOurs: boolean
  /** What it takes on the disk, or in the pipe: against it a manifest that unpacks to too much is told. */
  readonly packedBytes: number
  origin(): Promise<Origin>
  read(path: string, offset: number, length: number): Promise<Buffer>
}

/** What the form of a bundle tells of the capture, apart from its files. */
export interface Origin {
  /** Of the top directory; empty where there is none. */
  readonly name: string
  /** When the last file was written into the archive, in milliseconds; 0 where nothing says it. */
  readonly latest: number
}

/** Bodies are streamed in steps of this many bytes. */
const STEP = 1024 * 1024

/** A body larger than this is streamed, never read whole: 2 GiB is also what a Buffer may hold. */
const LARGEST_BODY = 1024 * 1024 * 1024

/** A manifest of this size names half a million files; what unpacks to more than this many times the whole bundle is a bomb. */
const LARGEST_MANIFEST = 256 * 1024 * 1024
const FREE_MANIFEST = 16 * 1024 * 1024
const LARGEST_RATIO = 64

/**
 * Opens a bundle: our own by random access; any other `.tar.gz`, `.tar`, folder, pipe or standard input (`-`) of the same layout by a slow
 * path that spools what cannot be entered. Throws BUNDLE_MISSING, BUNDLE_INVALID, BUNDLE_TRUNCATED, BUNDLE_UNSAFE or BUNDLE_TOO_NEW.
 */
export async function openBundle(source: string, options: { tmpDir?: string } = {}): Promise<BundleReader> {
  const opened = await openFiles(source, options.tmpDir).catch((error) => {
    throw explainUnreadable(source, error)
  })
  try {
    return await describe(source, opened)
  } catch (error) {
    await opened.close()
    throw error
  }
}

async function openFiles(source: string, tmpDir: string | undefined): Promise<BundleFiles> {
  if (source === '-') return openStream('standard input', process.stdin as AsyncIterable<Buffer>, tmpDir)
  const found = await stat(source)
  if (found.isDirectory()) return openFolder(source)
  if (!found.isFile()) return openStream(source, createReadStream(source), tmpDir)
  const file = await openFileSource(source)
  return openArchive(source, file, tmpDir).catch(async (error) => {
    await file.close()
    throw error
  })
}

/** What keeps a file from being read, in words; anything that is none of these is not for the reader to explain. */
const UNREADABLE: Readonly<Record<string, string>> = {
  EACCES: 'you may not read it',
  EPERM: 'you may not read it',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
  EIO: 'the disk cannot read it',
}

function explainUnreadable(source: string, error: unknown): unknown {
  const { code = '' } = error as NodeJS.ErrnoException
  const isMissing = code === 'ENOENT' || code === 'ENOTDIR'
  const why = UNREADABLE[code]
  if (!isMissing && why === undefined) return error
  const sentence = isMissing ? `There is no bundle ${source}.` : `Cannot open the bundle ${source}: ${why}.`
  return new FreezeframeError('BUNDLE_MISSING', sentence, {
    remedy: 'Give the path of a .tar.gz, a .tar or a folder, or - for standard input.',
    cause: error,
  })
}

async function describe(source: string, opened: BundleFiles): Promise<BundleReader> {
  const { checkStructure, close, files } = opened
  const common = {
    files,
    checkStructure,
    close,
    read: (path: string) => readWhole(opened, path, LARGEST_BODY),
    readRange: (path: string, offset: number, length: number) => readPart(opened, path, offset, length),
    stream: (path: string, offset = 0) => streamBody(opened, path, offset),
  }
  const { manifest, why } = await readManifest(source, opened)
  if (manifest) {
    const read = checkedReader(manifest, common.read)
    return { ...common, read, manifest, isRebuilt: false, truncated: opened.truncated, warnings: opened.warnings }
  }
  const rebuilt = await rebuildManifest(files, common.stream, await opened.origin())
  return {
    ...common,
    manifest: rebuilt.manifest,
    isRebuilt: true,
    truncated: opened.truncated ?? why,
    warnings: [...opened.warnings, ...rebuilt.damaged.map((path) => `${path} is damaged and cannot be read`)],
  }
}

/** A file that is read whole is held against its hash: one flipped bit in a chunk is no error to zlib. */
function checkedReader({ files }: Manifest, read: BundleReader['read']): BundleReader['read'] {
  const hashes = new Map(files.map((file) => [file.path, file.sha256]))
  return async (path) => {
    const body = await read(path)
    const hash = hashes.get(path)
    if (hash === undefined || hash === sha256(body)) return body
    throw new FreezeframeError('BUNDLE_INVALID', `${path} of the bundle is damaged: its hash is not the manifest's.`, {
      remedy: 'Copy the bundle again from where it was captured.',
    })
  }
}

/** The manifest, or why there is none in what still is a bundle of ours; throws for what is not. */
async function readManifest(source: string, opened: BundleFiles): Promise<{ manifest?: Manifest; why?: string }> {
  if (!opened.files.has('manifest.json')) {
    if (await isRecognisable(opened)) return { why: 'it ends before its manifest' }
    throw new FreezeframeError('BUNDLE_INVALID', `${source} is not a bundle of freezeframe: it has no manifest.json.`, {
      remedy: 'Give a bundle that freezeframe wrote: a .tar.gz, .tar or a folder.',
    })
  }
  try {
    const limit = Math.min(LARGEST_MANIFEST, Math.max(FREE_MANIFEST, opened.packedBytes * LARGEST_RATIO))
    return { manifest: parseManifest(source, await readWhole(opened, 'manifest.json', limit)) }
  } catch (error) {
    const isDamage = error instanceof FreezeframeError && error.code === 'BUNDLE_INVALID'
    if (isDamage && (await isRecognisable(opened))) return { why: 'its manifest is damaged' }
    throw error
  }
}

async function isRecognisable(opened: BundleFiles): Promise<boolean> {
  const readme = await opened.read('README.txt', 0, README.length).catch(() => Buffer.alloc(0))
  return opened.isOurs || readme.toString().startsWith(README.slice(0, README.indexOf(':')))
}

async function readWhole(opened: BundleFiles, path: string, limit: number): Promise<Buffer> {
  const bytes = sizeOf(opened, path)
  if (bytes <= limit) return opened.read(path, 0, bytes)
  throw new FreezeframeError('BUNDLE_UNSAFE', `${path} has ${bytes} bytes: too many to be read at once.`, {
    remedy: 'Unpack it with tar to look at it.',
  })
}

async function readPart(opened: BundleFiles, path: string, offset: number, length: number): Promise<Buffer> {
  const left = sizeOf(opened, path) - offset
  return left <= 0 ? Buffer.alloc(0) : opened.read(path, offset, Math.min(length, left, LARGEST_BODY))
}

async function* streamBody(opened: BundleFiles, path: string, start: number): AsyncGenerator<Buffer> {
  const bytes = sizeOf(opened, path)
  for (let offset = start; offset < bytes; ) {
    const part = await opened.read(path, offset, Math.min(STEP, bytes - offset))
    if (part.length === 0) return
    offset += part.length
    yield part
  }
}

function sizeOf(opened: BundleFiles, path: string): number {
  const bytes = opened.files.get(path)
  if (bytes !== undefined) return bytes
  throw new FreezeframeError('ENTRY_MISSING', `The bundle has no file ${path}.`, {
    remedy: 'The ledger in its manifest.json says what was captured, and why something was not.',
  })
}
