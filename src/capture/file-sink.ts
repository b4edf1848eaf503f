import { type FileHandle, link, lstat, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { FreezeframeError } from '../error.ts'
import { describeWriteError, type Sink, unwritable } from './sink.ts'

/**
 * Opens a file. While it is written it is called `<name>.partial.tar.gz`; only a finished one has its final name. Throws OUTPUT_EXISTS or
 * OUTPUT_UNWRITABLE.
 */
export async function openFileSink(target: string, overwrite: boolean): Promise<Sink> {
  const partial = partialPath(target)
  for (const path of [target, partial]) await refuseOccupied(path, overwrite)
  const handle = await openNew(partial, overwrite)
  const sink: Sink = {
    target: partial,
    bytes: 0,
    error: undefined,
    write: (piece) => writeAll(handle, piece),
    async finish() {
      await handle.sync()
      await handle.close()
      await giveName(partial, target, overwrite)
      await syncFolder(dirname(target))
      Object.assign(sink, { target })
    },
    leave: () => void handle.close().catch(() => {}),
    async discard() {
      await handle.close().catch(() => {})
      await rm(partial, { force: true })
    },
  }
  return sink
}

/** `b.tar.gz` is written as `b.partial.tar.gz`, `b.tgz` as `b.partial.tgz`, `b` as `b.partial.tar.gz`. */
export function partialPath(target: string): string {
  const ending = /\.tar\.gz$|\.tgz$/.exec(target)?.[0] ?? ''
  return `${ending ? target.slice(0, -ending.length) : target}.partial${ending || '.tar.gz'}`
}

/** A rename would put a file where a device or a link was, even /dev/null; `--force` is for bundles. */
async function refuseOccupied(path: string, overwrite: boolean): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return
  if (!found.isFile()) throw unwritable(path, 'it is a link, a device or a folder, not a file')
  if (!overwrite) throw existsError(path)
}

/** Always a new file, so that nobody else's file or link is written through. 0600: a bundle holds what a cluster's owner would not publish. */
async function openNew(path: string, overwrite: boolean): Promise<FileHandle> {
  try {
    if (overwrite) await rm(path, { force: true })
    return await open(path, 'wx', 0o600)
  } catch (error) {
    throw describeWriteError(path, error)
  }
}

async function writeAll(handle: FileHandle, piece: Buffer): Promise<void> {
  let offset = 0
  while (offset < piece.length) offset += (await handle.write(piece, offset)).bytesWritten
}

/** A link fails where a file has appeared meanwhile, a rename would replace it; not every file system has links. */
async function giveName(partial: string, target: string, overwrite: boolean): Promise<void> {
  if (overwrite) return rename(partial, target)
  try {
    await link(partial, target)
  } catch {
    if (await lstat(target).catch(() => undefined)) throw appearedError(partial, target)
    return rename(partial, target)
  }
  await rm(partial)
}

/** A rename is durable only once its folder is; not every file system lets a folder be opened for that, and then nothing is lost but the promise. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => {})
  await handle?.close()
}

function existsError(path: string): FreezeframeError {
  return new FreezeframeError('OUTPUT_EXISTS', `Cannot write ${path}: it exists.`, {
    remedy: 'Choose another name with --output, or pass --force to replace it.',
  })
}

function appearedError(partial: string, target: string): FreezeframeError {
  return new FreezeframeError(
    'OUTPUT_EXISTS',
    `Cannot write ${target}: it exists by now; the whole bundle is ${partial}.`,
  )
}
