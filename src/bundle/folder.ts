import { open, readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { FreezeframeError } from '../error.ts'
import { INDEX } from './entries.ts'
import type { BundleFiles } from './reader.ts'

/** A bundle that somebody unpacked: the folder itself, or the folder that holds its one top directory. Links are ignored. */
export async function openFolder(path: string): Promise<BundleFiles> {
  const { root, isBundle } = await findRoot(path)
  const files = new Map<string, number>()
  const warnings: string[] = []
  // Any other folder could be a whole disk.
  if (isBundle) await walk(root, '', files, warnings)
  files.delete(INDEX)
  return {
    files,
    warnings,
    truncated: undefined,
    isOurs: false,
    // When the files were written here says when they were unpacked, not when they were captured.
    origin: async () => ({ name: basename(resolve(root)), latest: 0 }),
    packedBytes: Number.POSITIVE_INFINITY,
    async read(name, offset, length) {
      const handle = await open(join(root, name), 'r').catch((cause) => {
        throw unreadable(name, cause)
      })
      try {
        const buffer = Buffer.alloc(length)
        const { bytesRead } = await handle.read(buffer, 0, length, offset)
        return buffer.subarray(0, bytesRead)
      } finally {
        await handle.close()
      }
    },
    checkStructure: async () => [],
    close: async () => {},
  }
}

/** What Node puts in the place of bytes that are no UTF-8. */
const REPLACED = '\ufffd'

function unreadable(name: string, cause: NodeJS.ErrnoException): FreezeframeError {
  return new FreezeframeError('BUNDLE_INVALID', `Cannot read ${name} of the bundle: ${cause.code ?? cause.message}.`, {
    remedy: 'Make its files readable, or unpack the bundle again.',
    cause,
  })
}

async function findRoot(path: string): Promise<{ root: string; isBundle: boolean }> {
  const entries = await readdir(path, { withFileTypes: true })
  const [only] = entries
  if (entries.length === 1 && only?.isDirectory() && only.name.startsWith('freezeframe-')) {
    return findRoot(join(path, only.name))
  }
  return { root: path, isBundle: entries.some(({ name }) => name === 'manifest.json' || name === 'README.txt') }
}

async function walk(root: string, below: string, files: Map<string, number>, warnings: string[]): Promise<void> {
  const entries = await readdir(join(root, below), { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.isDirectory() && !entry.name.includes(REPLACED)) await walk(root, path, files, warnings)
    // What is no UTF-8 became another name in being read, under which there is no file.
    else if (entry.name.includes(REPLACED)) warnings.push(`${path} has a name that is no UTF-8 and was ignored`)
    else if (entry.isFile()) files.set(path, (await stat(join(root, path))).size)
    else warnings.push(`${path} is a link or a device and was ignored`)
  }
}
