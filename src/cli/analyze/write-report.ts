import { link, lstat, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { describeWriteError, unwritable } from '../../capture/sink.ts'
import { FreezeframeError } from '../../error.ts'

/** Throws OUTPUT_EXISTS or OUTPUT_UNWRITABLE for a place that a report cannot go to. A link or a device is never replaced. */
export async function checkOutput(path: string, force: boolean): Promise<void> {
  if (path === '') throw unwritable('--output', 'it names no file')
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return checkFolder(path)
  if (!found.isFile()) throw unwritable(path, 'it is a link, a device or a folder, not a file')
  if (!force) throw existsError(path)
}

async function checkFolder(path: string): Promise<void> {
  const folder = await stat(dirname(path)).catch(() => undefined)
  if (!folder?.isDirectory()) throw unwritable(path, 'the folder does not exist')
}

/** Writes a report as a new file that only its owner may read, because it quotes the bundle; it has its name once it is whole. */
export async function writeReport(path: string, text: string, force: boolean): Promise<void> {
  const partial = `${path}.partial`
  try {
    await rm(partial, { force: true })
    await writeNew(partial, text)
    await giveName(partial, path, force)
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {})
    throw explain(path, error)
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A link fails where a file has appeared meanwhile, a rename would replace it; not every file system has links. */
async function giveName(partial: string, path: string, force: boolean): Promise<void> {
  if (force) return rename(partial, path)
  try {
    await link(partial, path)
  } catch {
    if (await lstat(path).catch(() => undefined)) throw existsError(path)
    return rename(partial, path)
  }
  await rm(partial)
}

function explain(path: string, error: unknown): FreezeframeError {
  const found = describeWriteError(path, error)
  if (found.code !== 'OUTPUT_FULL') return found
  const remedy = 'Free some space, or choose another place with --output.'
  return new FreezeframeError('OUTPUT_FULL', found.message, { remedy, cause: error })
}

function existsError(path: string): FreezeframeError {
  return new FreezeframeError('OUTPUT_EXISTS', `Cannot write ${path}: it exists.`, {
    remedy: 'Choose another name with --output, or pass --force to replace it.',
  })
}
