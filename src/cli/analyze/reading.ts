import type { BundleReader } from '../../bundle/reader.ts'
import type { Shell } from '../shell.ts'
import { formatBytes } from '../text.ts'

/** A reading that takes no longer than this shows nothing. */
const PATIENCE_MS = 700

/** Milliseconds between two drawings. */
const FRAME_MS = 125

/** To the first column, and clear the line (ECMA-48: EL). */
const CLEAR_LINE = '\r\x1b[K'

/**
 * Says in one line on a terminal how much of a large bundle has been read; the line is gone at the end. Drawn while reading, because
 * analysis keeps no timer from waiting.
 */
export function showReading(bundle: BundleReader, { stderr, env }: Shell): { bundle: BundleReader; end(): void } {
  if (!stderr.isTTY || env.TERM === 'dumb') return { bundle, end: () => {} }
  const total = [...bundle.files.values()].reduce((sum, bytes) => sum + bytes, 0)
  const begun = performance.now()
  let read = 0
  let drawn: number | undefined

  function count(bytes: number): void {
    read += bytes
    const now = performance.now()
    if (now - begun < PATIENCE_MS || now - (drawn ?? 0) < FRAME_MS) return
    drawn = now
    // Evidence that is cited is read once more.
    stderr.write(`${CLEAR_LINE}Reading: ${formatBytes(Math.min(read, total))} of ${formatBytes(total)}`)
  }

  return {
    bundle: {
      ...bundle,
      async read(path) {
        const body = await bundle.read(path)
        count(body.length)
        return body
      },
      async *stream(path, offset) {
        for await (const chunk of bundle.stream(path, offset)) {
          count(chunk.length)
          yield chunk
        }
      },
    },
    end() {
      if (drawn !== undefined) stderr.write(CLEAR_LINE)
      drawn = undefined
    },
  }
}
