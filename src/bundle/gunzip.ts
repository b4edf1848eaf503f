import { createGunzip } from 'node:zlib'
import { createBreakable } from './breakable.ts'

/** What is lost at a damaged place is at most what one step inflates to; larger steps are hardly faster. */
const STEP = 16 * 1024

/** CRC-32 and ISIZE (RFC 1952 section 2.3.1): a step of their own, so that a wrong checksum loses nothing. */
const TRAILER_BYTES = 8

/** A step inflates to 1032 times its size at most, which is below this: the inflater never waits for its reader within a step. */
const BUFFERS = { chunkSize: 64 * 1024, readableHighWaterMark: 32 * 1024 * 1024 }

/**
 * Inflates a gzip stream. What stands before a cut or a damaged place is given out before zlib's error (code `Z_…`) is thrown. zlib ends at
 * zeros behind a member, which a crash or the padding of a block leaves; `onRest` is told how many bytes stand there.
 */
export async function* gunzip(
  chunks: AsyncIterable<Buffer>,
  onRest: (bytes: number) => void = () => {},
): AsyncGenerator<Buffer> {
  const inflater = createGunzip(BUFFERS)
  const stream = createBreakable()
  let fed = 0
  let isEnded = false
  inflater.on('error', stream.fail)
  inflater.on('end', () => {
    isEnded = true
  })
  try {
    for await (const step of steps(chunks)) {
      fed += step.length
      if (isEnded) continue
      await stream.wait<unknown>((resolve) => inflater.write(step, resolve))
      const data = inflater.read() as Buffer | null
      if (data) yield data
    }
    // Everything is out; whether the stream is whole, zlib says only to a reader that runs into the end.
    await stream.wait<void>((resolve) => {
      if (isEnded) resolve()
      else inflater.on('end', resolve).end()
      inflater.resume()
    })
    if (fed > inflater.bytesWritten) onRest(fed - inflater.bytesWritten)
  } finally {
    inflater.destroy()
  }
}

async function* steps(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const data = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    const end = Math.max(0, data.length - TRAILER_BYTES)
    for (let at = 0; at < end; at += STEP) yield data.subarray(at, Math.min(at + STEP, end))
    held = data.subarray(end)
  }
  if (held.length > 0) yield held
}
