import { createHash } from 'node:crypto'
import { FreezeframeError } from '../error.ts'
import type { ManifestFile } from './format.ts'
import { rootHash } from './integrity.ts'
import { type BundleReader, openBundle } from './reader.ts'

/** What a check of a bundle found. */
export interface Verification {
  readonly status: 'intact' | 'damaged'
  /** One sentence for each defect. */
  readonly problems: readonly string[]
  readonly files: number
  readonly bytes: number
  readonly root: string
  readonly cluster: string
  readonly window: { readonly start: string; readonly end: string }
  readonly outcome: string
  /** captured; rebuilt where it was lost, so that cluster and window are estimates. */
  readonly manifest: 'captured' | 'rebuilt'
}

/** Checks structure, sizes, hashes and root of a bundle, one file after the other. Throws as `openBundle` does when it cannot be read at all. */
export async function verifyBundle(source: string, options: { tmpDir?: string } = {}): Promise<Verification> {
  const bundle = await openBundle(source, options)
  try {
    const problems = [
      ...cutOff(bundle),
      ...bundle.warnings.map((warning) => `${warning}.`),
      ...(await bundle.checkStructure()),
      ...unnamed(bundle),
      ...(await wrongFiles(bundle)),
      ...wrongRoot(bundle),
    ]
    const { manifest } = bundle
    return {
      status: problems.length === 0 ? 'intact' : 'damaged',
      problems,
      files: manifest.files.length,
      bytes: manifest.files.reduce((sum, file) => sum + file.bytes, 0),
      root: manifest.root,
      cluster: manifest.cluster.name,
      window: { start: manifest.window.start, end: manifest.window.end },
      outcome: manifest.outcome.status,
      manifest: bundle.isRebuilt ? 'rebuilt' : 'captured',
    }
  } finally {
    await bundle.close()
  }
}

function cutOff(bundle: BundleReader): string[] {
  return bundle.truncated === undefined ? [] : [`The bundle is not whole: ${bundle.truncated}.`]
}

function unnamed(bundle: BundleReader): string[] {
  const named = new Set(bundle.manifest.files.map((file) => file.path))
  const extra = [...bundle.files.keys()].filter((path) => !named.has(path) && path !== 'manifest.json')
  return extra.map((path) => `${path} is not in the manifest.`)
}

async function wrongFiles(bundle: BundleReader): Promise<string[]> {
  const problems: string[] = []
  const named = new Set<string>()
  for (const file of bundle.manifest.files) {
    const bytes = bundle.files.get(file.path)
    if (named.has(file.path)) problems.push(`${file.path} is in the manifest twice.`)
    else if (bytes === undefined) problems.push(`${file.path} is missing.`)
    else if (bytes !== file.bytes) problems.push(`${file.path} has ${bytes} bytes; the manifest says ${file.bytes}.`)
    else problems.push(...(await checkBody(bundle, file)))
    named.add(file.path)
  }
  return problems
}

async function checkBody(bundle: BundleReader, { path, sha256 }: ManifestFile): Promise<string[]> {
  const hash = createHash('sha256')
  try {
    for await (const part of bundle.stream(path)) hash.update(part)
  } catch (error) {
    if (!(error instanceof FreezeframeError)) throw error
    return [`${path} is damaged and cannot be read.`]
  }
  return hash.digest('hex') === sha256 ? [] : [`${path} was changed: its hash is not the manifest's.`]
}

function wrongRoot({ manifest }: BundleReader): string[] {
  return rootHash(manifest.files) === manifest.root ? [] : ['The root hash does not fit the list of files.']
}
