import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { BundleOutput } from '../bundle/writer.ts'
import { FreezeframeError } from '../error.ts'

/** One place that the bundle goes to. While it is written a file is called `<name>.partial.tar.gz`; only a finished one has its final name. */
interface Sink {
  readonly target: string
  bytes: number
  error: string | undefined
  write(chunk: Buffer): Promise<void>
  finish(): Promise<void>
  discard(): Promise<void>
}

/** Every output of a run at once; one that fails is left behind, and only when none is left does the run fail. */
export interface Sinks extends BundleOutput {
  /** Makes what was written durable and gives it its final name. */
  finish(): Promise<void>
  /** Removes what was begun: for a run that captured nothing. */
  discard(): Promise<void>
  /** Where the bundle is (or, on a failed sink, where its beginning is), with the bytes that reached it. */
  results(): readonly { readonly target: string; readonly bytes: number; readonly error?: string }[]
}

/** Opens every output before anything is asked of the cluster. Throws OUTPUT_EXISTS or OUTPUT_UNWRITABLE, with nothing left behind. */
export async function openSinks(outputs: readonly string[], name: string, overwrite: boolean): Promise<Sinks> {
  const sinks: Sink[] = []
  try {
    for (const output of outputs) sinks.push(await openSink(output, name, overwrite))
  } catch (error) {
    await Promise.all(sinks.map((sink) => sink.discard()))
    throw error
  }
  return {
    async write(chunk) {
      const live = sinks.filter((sink) => sink.error === undefined)
      const errors = await Promise.all(live.map((sink) => writeOrMark(sink, chunk)))
      const [last] = errors.filter((error) => error !== undefined)
      if (last !== undefined && sinks.every((sink) => sink.error !== undefined)) throw last
    },
    async finish() {
      for (const sink of sinks) {
        if (sink.error === undefined) await sink.finish().catch((error) => markFailed(sink, error))
      }
    },
    discard: async () => void (await Promise.all(sinks.map((sink) => sink.discard()))),
    results: () =>
      sinks.map(({ target, bytes, error }) => (error === undefined ? { target, bytes } : { target, bytes, error })),
  }
}

async function writeOrMark(sink: Sink, chunk: Buffer): Promise<unknown> {
  try {
    await sink.write(chunk)
    sink.bytes += chunk.length
    return undefined
  } catch (error) {
    return markFailed(sink, error)
  }
}

function markFailed(sink: Sink, cause: unknown): FreezeframeError {
  const error = describeWriteError(sink.target, cause)
  sink.error = error.message
  return error
}

async function openSink(output: string, name: string, overwrite: boolean): Promise<Sink> {
  return output === '-' ? openStdout() : openFile(await resolveTarget(output, name), overwrite)
}

function openStdout(): Sink {
  return {
    target: '-',
    bytes: 0,
    error: undefined,
    write: (chunk) =>
      new Promise((resolve, reject) => {
        process.stdout.write(chunk, (error) => (error ? reject(error) : resolve()))
      }),
    finish: async () => {},
    discard: async () => {},
  }
}

async function openFile(target: string, overwrite: boolean): Promise<Sink> {
  if (!overwrite && (await exists(target))) throw existsError(target)
  const partial = partialPath(target)
  // 0600: a bundle holds what a cluster's owner would not publish.
  const handle = await open(partial, overwrite ? 'w' : 'wx', 0o600).catch((cause) => {
    throw cause.code === 'EEXIST' ? existsError(partial) : describeWriteError(partial, cause)
  })
  const sink: Sink = {
    target: partial,
    bytes: 0,
    error: undefined,
    write: (chunk) => writeAll(handle, chunk),
    async finish() {
      await handle.sync()
      await handle.close()
      await rename(partial, target)
      await syncFolder(dirname(target))
      Object.assign(sink, { target })
    },
    async discard() {
      await handle.close().catch(() => {})
      await rm(partial, { force: true })
    },
  }
  return sink
}

async function writeAll(handle: FileHandle, chunk: Buffer): Promise<void> {
  let offset = 0
  while (offset < chunk.length) offset += (await handle.write(chunk, offset)).bytesWritten
}

/** A rename is durable only once its folder is; not every file system lets a folder be opened for that, and then nothing is lost but the promise. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => {})
  await handle?.close()
}

async function resolveTarget(output: string, name: string): Promise<string> {
  const isFolder = output.endsWith('/') || (await stat(output).catch(() => undefined))?.isDirectory()
  return isFolder ? join(output, `${name}.tar.gz`) : output
}

/** `b.tar.gz` is written as `b.partial.tar.gz`, `b.tgz` as `b.partial.tgz`, `b` as `b.partial.tar.gz`. */
export function partialPath(target: string): string {
  const ending = /\.tar\.gz$|\.tgz$/.exec(target)?.[0] ?? ''
  return `${ending ? target.slice(0, -ending.length) : target}.partial${ending || '.tar.gz'}`
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

function existsError(path: string): FreezeframeError {
  return new FreezeframeError('OUTPUT_EXISTS', `Cannot write ${path}: it exists.`, {
    remedy: 'Choose another name with --output, or pass --force to replace it.',
  })
}

function describeWriteError(path: string, cause: unknown): FreezeframeError {
  const code = (cause as NodeJS.ErrnoException).code
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return new FreezeframeError('OUTPUT_FULL', `Cannot write ${path}: no space left on the device.`, {
      remedy: 'What was written so far can be opened; free some space or choose another place with --output.',
      cause,
    })
  }
  const why = code === 'ENOENT' ? 'the folder does not exist' : code === 'EACCES' ? 'permission denied' : code
  return new FreezeframeError('OUTPUT_UNWRITABLE', `Cannot write ${path}: ${why ?? String(cause)}.`, {
    remedy: 'Choose a place that can be written with --output.',
    cause,
  })
}
