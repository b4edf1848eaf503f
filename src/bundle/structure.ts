import { FreezeframeError } from '../error.ts'
import { appendTo, type ByteSource, readAll } from './byte-source.ts'
import { createChunkSource } from './chunk-source.ts'
import { gunzip } from './gunzip.ts'
import { HEADER } from './gzip.ts'
import type { BundleIndex } from './index-file.ts'
import { walkTar } from './tar.ts'

/**
 * Reads an indexed bundle as other tools do, from its beginning, and compares that with its index: one sentence for each difference.
 * `tail` is the end of the tar stream, from the index's entry on.
 */
export async function checkStructure(file: ByteSource, index: BundleIndex, tail: Buffer): Promise<string[]> {
  const tar = appendTo(createChunkSource(file, index), tail)
  return [...(await checkGzip(file, tar.size)), ...(await checkTar(tar, index))]
}

/** What stands behind the end of a gzip member belongs to nobody. */
export function describeRest(bytes: number): string[] {
  return bytes === 0 ? [] : [`${bytes} bytes follow its end.`]
}

async function checkGzip(file: ByteSource, expected: number): Promise<string[]> {
  let bytes = 0
  let rest = 0
  const onRest = (count: number) => {
    rest = count
  }
  try {
    for await (const data of gunzip(readAll(file), onRest)) bytes += data.length
  } catch (error) {
    if (!(error as NodeJS.ErrnoException).code?.startsWith('Z_')) throw error
    return [`Its compression is damaged: gunzip says "${(error as Error).message}".`]
  }
  const header = await file.read(0, HEADER.length)
  return [
    ...(header.equals(HEADER) ? [] : ['The header of its compression was changed.']),
    ...(bytes === expected ? [] : [`It unpacks to ${bytes} bytes; its index says ${expected}.`]),
    ...describeRest(rest),
  ]
}

async function checkTar(tar: ByteSource, index: BundleIndex): Promise<string[]> {
  try {
    const { files, ignored, truncated } = await walkTar(tar)
    const top = files[0]?.path.split('/', 1)[0] ?? ''
    const wanted = index.files.map(({ path, offset, bytes }) => `${offset} ${bytes} ${top}/${path}`)
    const there = files.map(({ path, offset, bytes }) => `${offset} ${bytes} ${path}`)
    const last = there.pop()?.endsWith(` ${top}/index.bin`)
    const isSame = last && ignored.length === 0 && there.length === wanted.length
    if (truncated !== undefined) return [`As a tar, ${truncated}.`]
    return isSame && there.every((entry, at) => entry === wanted[at]) ? [] : ['Its tar headers and its index differ.']
  } catch (error) {
    if (!(error instanceof FreezeframeError)) throw error
    return [error.message]
  }
}
