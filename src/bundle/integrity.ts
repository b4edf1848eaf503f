import { createHash } from 'node:crypto'
import type { ManifestFile } from './format.ts'

/** Hex SHA-256 of bytes. */
export function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex')
}

/** The manifest's `root`: what `sha256sum` prints for every file, ordered by the bytes of the path, hashed once more. */
export function rootHash(files: readonly Pick<ManifestFile, 'path' | 'sha256'>[]): string {
  const hash = createHash('sha256')
  const ordered = [...files].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
  for (const file of ordered) hash.update(`${file.sha256}  ${file.path}\n`)
  return hash.digest('hex')
}
