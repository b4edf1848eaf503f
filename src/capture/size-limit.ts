import type { ManifestFile } from '../bundle/format.ts'

/** Compressed bytes that a manifest entry and its ledger line take, at the most: 64 random hex digits of a hash, a path, a request (measured: 130 to 180). */
const BYTES_PER_FILE = 256

/** README.txt, the manifest's fixed part, index locator and the run's own files. */
const FIXED_BYTES = 64 * 1024

/** What the writer tells of itself. */
interface Written {
  readonly bytesWritten: number
  readonly files: readonly ManifestFile[]
  flush(): Promise<void>
}

/**
 * Keeps a bundle below `--max-size` bytes, with room for its manifest: true where a body of so many bytes still fits, counted as if it
 * did not compress. What is in the writer's hands but not compressed yet is settled by a flush, and only when it matters.
 */
export function createSizeLimit(
  maxSize: number | undefined,
  writer: Written,
): { fits(bytes: number): Promise<boolean> } {
  let unsettled = 0
  if (maxSize === undefined) return { fits: async () => true }
  return {
    async fits(bytes) {
      const room = () => maxSize - FIXED_BYTES - (writer.files.length + 1) * BYTES_PER_FILE - writer.bytesWritten
      if (room() < unsettled + bytes) {
        await writer.flush()
        unsettled = 0
      }
      if (room() < bytes) return false
      unsettled += bytes
      return true
    },
  }
}
