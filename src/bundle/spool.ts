import { randomUUID } from 'node:crypto'
import { type FileHandle, open, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FreezeframeError } from '../error.ts'
import { type ByteSource, fileSource } from './byte-source.ts'
import { gunzip } from './gunzip.ts'
import { isTarHeader, RECORD } from './tar.ts'

/** Deflate cannot do better than 1032 to 1; real bundles reach 15. Beyond this much, and only then, the ratio is suspicious. */
const FREE_BYTES = 4 * 1024 * 1024 * 1024
const LARGEST_RATIO = 200

/** A stream made readable at any place. */
export interface Spooled {
  readonly source: ByteSource
  /** Why less came than the stream promised. */
  readonly truncated: string | undefined
  /** Bytes that came. */
  readonly packedBytes: number
  /** Bytes behind the end of a gzip member. */
  readonly rest: number
}

/**
 * Writes a tar stream, inflated if it is gzip, into one temporary file that only we may read. The file has no name from the moment it is
 * open, so that it is gone when it is closed and when the process ends, however that happens. Throws BUNDLE_INVALID before it has written
 * what is no tar.
 */
export async function spool(name: string, chunks: AsyncIterable<Buffer>, tmpDir: string = tmpdir()): Promise<Spooled> {
  const handle = await openUnnamed(tmpDir)
  try {
    const filled = await fill(handle, name, chunks, tmpDir)
    return { source: await fileSource(handle), ...filled }
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function openUnnamed(tmpDir: string): Promise<FileHandle> {
  const path = join(tmpDir, `freezeframe-${randomUUID()}.tar`)
  try {
    const handle = await open(path, 'wx+', 0o600)
    await unlink(path)
    return handle
  } catch (cause) {
    throw new FreezeframeError('OUTPUT_UNWRITABLE', `Cannot make a temporary file in ${tmpDir}.`, {
      remedy: 'Choose another folder with --tmp-dir.',
      cause,
    })
  }
}

async function fill(
  handle: FileHandle,
  name: string,
  chunks: AsyncIterable<Buffer>,
  tmpDir: string,
): Promise<Omit<Spooled, 'source'>> {
  const input = chunks[Symbol.asyncIterator]()
  const start = await readStart(input)
  if (start.length === 0) return { truncated: undefined, packedBytes: 0, rest: 0 }
  let packed = 0
  let rest = 0
  const onRest = (bytes: number) => {
    rest = bytes
  }
  let plain = 0
  let head: Buffer = Buffer.alloc(0)
  async function* all(): AsyncGenerator<Buffer> {
    for (let next: IteratorResult<Buffer> = { value: start }; !next.done; next = await input.next()) {
      packed += next.value.length
      yield next.value
    }
  }
  try {
    for await (const data of isGzip(start) ? gunzip(all(), onRest) : all()) {
      if (head.length < RECORD) head = checkHead(name, Buffer.concat([head, data.subarray(0, RECORD - head.length)]))
      plain += data.length
      if (plain > FREE_BYTES && plain > packed * LARGEST_RATIO) throw tooLarge(name)
      await write(handle, data, tmpDir)
    }
    return { truncated: undefined, packedBytes: packed, rest }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (!code.startsWith('Z_')) throw error
    const truncated = code === 'Z_BUF_ERROR' ? 'it is cut off' : 'its compression is damaged'
    return { truncated, packedBytes: packed, rest }
  }
}

/** Enough to tell what the stream is: a pipe may give out its first byte alone. */
async function readStart(input: AsyncIterator<Buffer>): Promise<Buffer> {
  let start: Buffer = Buffer.alloc(0)
  while (start.length < 2) {
    const next = await input.next()
    if (next.done) break
    start = start.length === 0 ? next.value : Buffer.concat([start, next.value])
  }
  return start
}

/** RFC 1952 section 2.3.1: what every gzip file begins with. */
export function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b
}

function checkHead(name: string, head: Buffer): Buffer {
  if (head.length === RECORD && !isTarHeader(head)) throw notATar(name)
  return head
}

/** The sentence for whatever is no archive at all. */
export function notATar(name: string): FreezeframeError {
  return new FreezeframeError('BUNDLE_INVALID', `${name} is not a tar archive.`, {
    remedy: 'Give a bundle that freezeframe wrote: a .tar.gz, .tar or a folder.',
  })
}

function tooLarge(name: string): FreezeframeError {
  return new FreezeframeError('BUNDLE_UNSAFE', `${name} unpacks to more than ${LARGEST_RATIO} times its size.`, {
    remedy: 'It is no bundle of freezeframe: do not unpack it.',
  })
}

/** What a file system says when there is no room: the disk, the quota, the limit for one file. */
const NO_ROOM = ['ENOSPC', 'EDQUOT', 'EFBIG']

async function write(handle: FileHandle, data: Buffer, tmpDir: string): Promise<void> {
  try {
    await handle.writeFile(data)
  } catch (cause) {
    if (!NO_ROOM.includes((cause as NodeJS.ErrnoException).code ?? '')) throw cause
    throw new FreezeframeError('OUTPUT_FULL', `${tmpDir} has no room to unpack the bundle.`, {
      remedy: 'Choose another folder with --tmp-dir.',
      cause,
    })
  }
}
