import { gunzip } from '../../bundle/gunzip.ts'
import { readTarStream } from '../../bundle/tar-stream.ts'
import { FreezeframeError } from '../../error.ts'
import { KubeError } from '../kube/client.ts'
import { countBytes } from '../kube/count-bytes.ts'
import type { BatchFile } from './inside.ts'

/** The batch gives some sixty files, and two for each interface; their sizes are bounded by the script to less than this together. */
const LIMITS = { files: 500, bytes: 40 * 1024 * 1024 }

/** Files by collector, and why there are no more of them. */
export interface BatchContents {
  readonly files: Map<string, BatchFile[]>
  readonly bytes: number
  readonly truncated: string | undefined
  readonly began: number
}

/** Reads the tar of a batch as it comes, packed or not. Throws KubeError where nothing of it can be read. */
export async function readBatch(stdout: AsyncIterable<Buffer>): Promise<BatchContents> {
  const arrival = { bytes: 0, began: 0 }
  const files = new Map<string, BatchFile[]>()
  const counted = countBytes(stdout, (bytes) => {
    arrival.began ||= performance.now()
    arrival.bytes += bytes
  })
  const entries = readTarStream(unpack(counted), LIMITS)
  try {
    for (;;) {
      const { done, value } = await entries.next()
      if (done) return { files, ...arrival, truncated: value }
      const [collector = '', ...rest] = value.path.split('/')
      files.set(collector, [...(files.get(collector) ?? []), { path: rest.join('/'), body: value.body }])
    }
  } catch (error) {
    if (error instanceof KubeError) throw error
    if (error instanceof FreezeframeError) throw unreadable(error.message)
    if (files.size === 0) throw unreadable((error as Error).message)
    return { files, ...arrival, truncated: (error as Error).message }
  }
}

/** Unpacks what begins as gzip does (RFC 1952 section 2.3.1); an image without gzip sends it as it is. */
export async function* unpack(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const source = chunks[Symbol.asyncIterator]()
  const first = await source.next()
  if (first.done) return
  const whole = rejoin(first.value, source)
  if (first.value[0] === 0x1f) yield* gunzip(whole)
  else yield* whole
}

async function* rejoin(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}

function unreadable(why: string): KubeError {
  return new KubeError({ message: `What the probe sent cannot be read: ${why}`, status: 0, reason: 'InvalidResponse' })
}
