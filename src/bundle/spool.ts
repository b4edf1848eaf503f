import { rmSync } from 'node:fs'
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { FreezeframeError } from '../error.ts'
import { type ByteSource, openFileSource } from './byte-source.ts'

/** Deflate cannot do better than 1032 to 1; real bundles reach 15. Beyond this much, and only then, the ratio is suspicious. */
const FREE_BYTES = 4 * 1024 * 1024 * 1024
const LARGEST_RATIO = 200

/** A stream made readable at any place. */
export interface Spooled {
  readonly source: ByteSource
  /** Why less came than the file promised. */
  readonly truncated?: string
}

/** Writes a stream, inflated if it is gzip, into one temporary file that only we may read; it is removed on close and on exit. */
export async function spool(chunks: AsyncIterable<Buffer>, tmpDir: string = tmpdir()): Promise<Spooled> {
  const folder = await mkdtemp(join(tmpDir, 'freezeframe-')).catch((cause) => {
    throw new FreezeframeError('OUTPUT_UNWRITABLE', `Cannot make a temporary folder in ${tmpDir}.`, {
      remedy: 'Choose another with --tmp-dir.',
      cause,
    })
  })
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  const path = join(folder, 'bundle.tar')
  try {
    const truncated = await fill(path, chunks)
    const source = await openFileSource(path)
    const close = async () => {
      await source.close()
      process.removeListener('exit', remove)
      await rm(folder, { recursive: true, force: true })
    }
    return { source: { ...source, close }, ...(truncated === undefined ? {} : { truncated }) }
  } catch (error) {
    process.removeListener('exit', remove)
    remove()
    throw error
  }
}

async function fill(path: string, chunks: AsyncIterable<Buffer>): Promise<string | undefined> {
  const handle = await open(path, 'wx', 0o600)
  try {
    return await inflateInto(handle, chunks)
  } finally {
    await handle.close()
  }
}

async function inflateInto(handle: FileHandle, chunks: AsyncIterable<Buffer>): Promise<string | undefined> {
  const input = chunks[Symbol.asyncIterator]()
  const first = await input.next()
  if (first.done) return 'it is empty'
  let packed = 0
  let plain = 0
  async function* all(): AsyncGenerator<Buffer> {
    for (let next = first; !next.done; next = await input.next()) {
      packed += next.value.length
      yield next.value
    }
  }
  const isGzip = first.value[0] === 0x1f && first.value[1] === 0x8b
  try {
    for await (const data of isGzip ? gunzip(all()) : all()) {
      plain += data.length
      if (plain > FREE_BYTES && plain > packed * LARGEST_RATIO) {
        throw new FreezeframeError('BUNDLE_UNSAFE', `It unpacks to more than ${LARGEST_RATIO} times its size.`)
      }
      await handle.write(data)
    }
    return undefined
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (!code.startsWith('Z_')) throw error
    return code === 'Z_BUF_ERROR' ? 'it is cut off' : 'its compression is damaged'
  }
}

/** What was inflated before an error is given out before the error is thrown. */
async function* gunzip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const inflater = createGunzip({ chunkSize: 256 * 1024 })
  const input = Readable.from(chunks, { objectMode: false })
  input.on('error', (error) => inflater.destroy(error))
  input.pipe(inflater)
  try {
    for await (const data of inflater) yield data as Buffer
  } finally {
    input.destroy()
    inflater.destroy()
  }
}
