import type { Manifest, ManifestFile, Obtained } from './format.ts'

/** Writes one bundle: entries are appended one at a time, whoever calls; memory is bounded by waiting for the output. */
export interface BundleWriter {
  /** Resolves when the entry is in the stream. Rejects (OUTPUT_FULL, OUTPUT_UNWRITABLE) once the output is broken. */
  append(file: { path: string; body: Buffer; collector?: string; obtained: Obtained }): Promise<void>
  /** Compressed bytes handed to the output so far. */
  readonly bytesWritten: number
  readonly files: readonly ManifestFile[]
  /** Cuts the current chunk and hands it to the output, so that what was appended survives a kill. */
  flush(): Promise<void>
  /** Writes manifest.json and index.bin and ends the archive; returns the manifest as written. */
  finish(manifest: Omit<Manifest, 'files' | 'root'>): Promise<Manifest>
}

/** Where the archive's bytes go: a file sink, later S3, at the same time. */
export interface BundleOutput {
  write(chunk: Buffer): Promise<void>
}
