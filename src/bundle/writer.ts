import { TarArchive } from 'archiver'
import { FreezeframeError } from '../error.ts'
import { createBreakable } from './breakable.ts'
import { checkPath } from './entry-path.ts'
import type { Manifest, ManifestFile, Obtained } from './format.ts'
import { createParallelGzip } from './gzip.ts'
import { encodeIndex, type IndexedFile } from './index-file.ts'
import { rootHash, sha256 } from './integrity.ts'
import { README } from './readme.ts'

/** Writes one bundle: entries are appended one at a time, whoever calls; memory is bounded by waiting for the output. */
export interface BundleWriter {
  /**
   * Resolves when the entry is in the stream and nobody looks at `body` any more. Rejects with the output's error once the output is broken,
   * and with BUNDLE_UNSAFE for a path that readers would refuse or that is there already: then nothing was written, and the next entry may
   * follow.
   */
  append(file: { path: string; body: Buffer; collector?: string; obtained: Obtained }): Promise<void>
  /** Compressed bytes handed to the output so far. */
  readonly bytesWritten: number
  readonly files: readonly ManifestFile[]
  /** Cuts the current chunk and hands it to the output, so that what was appended survives a kill. */
  flush(): Promise<void>
  /** Writes manifest.json and index.bin and ends the archive; returns the manifest as written. */
  finish(manifest: Omit<Manifest, 'files' | 'root'>): Promise<Manifest>
}

/** Where the archive's bytes go: a file sink, later S3, at the same time. */
export interface BundleOutput {
  write(chunk: Buffer): Promise<void>
}

/** Entries that the writer adds by itself. */
const OWN = ['manifest.json', 'index.bin']

/** A tar header is one record of 512 bytes (POSIX ustar); bodies are padded to whole ones. */
const RECORD = 512

/** Opens a writer whose archive has the one top directory `name`; README.txt is its first entry. */
export function openBundleWriter(options: { name: string; output: BundleOutput; level?: number }): BundleWriter {
  const gzip = createParallelGzip(options.output, options.level)
  const tar = openTar(options.name)
  const files: ManifestFile[] = []
  const index: IndexedFile[] = []
  const paths = new Set(OWN)
  let handed = 0
  let turn: Promise<unknown> = Promise.resolve()

  /** One after the other, in the order of the calls; a failure is the caller's and does not stop the next. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work)
    turn = result.catch(() => {})
    return result
  }

  /** Resolves with the offset at which the entry's records end; their padding may come with the next entry only. */
  async function add(path: string, body: Buffer): Promise<number> {
    const end = await tar.append(path, body)
    index.push({ path, offset: end - roundUp(body.length), bytes: body.length })
    for (const chunk of tar.take()) {
      handed += chunk.length
      await gzip.write(chunk)
    }
    return end
  }

  async function record(file: Parameters<BundleWriter['append']>[0]): Promise<void> {
    if (checkPath(file.path) !== file.path || paths.has(file.path)) throw refuse(file.path)
    paths.add(file.path)
    await add(file.path, file.body)
    const { path, body, collector, obtained } = file
    const described = { path, bytes: body.length, sha256: sha256(body), obtained }
    files.push(collector === undefined ? described : { ...described, collector })
  }

  async function finish(given: Omit<Manifest, 'files' | 'root'>): Promise<Manifest> {
    const manifest: Manifest = { ...given, files, root: rootHash(files) }
    const end = await add('manifest.json', Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`))
    await gzip.flush()
    const region = gzip.packedLength
    const offset = end - handed + RECORD
    const sofar = { chunks: gzip.chunks, plainLength: handed, packedLength: region, files: index }
    await tar.append('index.bin', encodeIndex(sofar, region, offset))
    await tar.end()
    await gzip.store(Buffer.concat(tar.take()))
    await gzip.end()
    return manifest
  }

  const opened = inTurn(() =>
    record({
      path: 'README.txt',
      body: Buffer.from(README),
      obtained: { request: 'local', at: new Date().toISOString() },
    }),
  )
  opened.catch(() => {})
  return {
    files,
    get bytesWritten() {
      return gzip.packedLength
    },
    append: (file) => inTurn(() => record(file)),
    flush: () => inTurn(gzip.flush),
    finish: (manifest) => inTurn(() => finish(manifest)),
  }
}

/** archiver's tar stream under one top directory: complete buffers, one at a time, each awaited until its bytes are out. */
function openTar(top: string) {
  const archive = new TarArchive()
  const stream = createBreakable()
  let onEntry: () => void = () => {}
  let ready: Buffer[] = []
  let length = 0
  archive.on('error', stream.fail)
  archive.on('entry', () => onEntry())
  archive.on('data', (data: Buffer) => {
    ready.push(data)
    length += data.length
  })
  return {
    /** Resolves with the offset at which the entry's records end. */
    async append(path: string, body: Buffer): Promise<number> {
      await stream.wait<void>((resolve) => {
        onEntry = resolve
        archive.append(body, { name: `${top}/${path}`, date: new Date(), mode: 0o644 })
      })
      return roundUp(length)
    },
    /** What has come out since the last call. */
    take(): Buffer[] {
      const taken = ready
      ready = []
      return taken
    },
    async end(): Promise<void> {
      await stream.wait<void>((resolve) => {
        archive.on('end', resolve)
        archive.finalize().catch(stream.fail)
      })
    },
  }
}

function refuse(path: string): FreezeframeError {
  return new FreezeframeError('BUNDLE_UNSAFE', `A bundle can hold no second or unclear path "${path}".`)
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / RECORD) * RECORD
}
