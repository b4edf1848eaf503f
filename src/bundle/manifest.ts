import { FreezeframeError } from '../error.ts'
import { FORMAT, type Manifest } from './format.ts'

/**
 * Reads a manifest that may come from a stranger. Throws BUNDLE_TOO_NEW for a newer format, BUNDLE_INVALID for what is no manifest of ours
 * or lacks what every one has. Whether it tells the truth is for `verify`.
 */
export function parseManifest(source: string, body: Buffer): Manifest {
  const manifest = parseJson(source, body)
  if (at(manifest, 'format.type') !== FORMAT.type) throw invalid(`The manifest of ${source} is not one of freezeframe.`)
  const version = at(manifest, 'format.version')
  if (typeof version === 'number' && version > FORMAT.version) {
    const sentence = `${source} has format version ${version}; this freezeframe reads up to ${FORMAT.version}.`
    throw new FreezeframeError('BUNDLE_TOO_NEW', sentence, { remedy: 'Install a newer freezeframe.' })
  }
  const wrong = REQUIRED.find(([path, isRight]) => !isRight(at(manifest, path)))
  if (wrong) throw invalid(`The manifest of ${source} has no usable "${wrong[0]}".`)
  return manifest as Manifest
}

function parseJson(source: string, body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (cause) {
    throw invalid(`The manifest of ${source} is not JSON.`, cause)
  }
}

function invalid(sentence: string, cause?: unknown): FreezeframeError {
  const remedy = 'Give a bundle that freezeframe wrote, as it was written.'
  return new FreezeframeError('BUNDLE_INVALID', sentence, { remedy, cause })
}

/** What readers rely on in version 1; `manifest.schema.json` says it in full. */
const REQUIRED: readonly (readonly [path: string, isRight: (value: unknown) => boolean])[] = [
  ['format.version', (value) => Number.isInteger(value)],
  ['tool', isRecord],
  ['cluster.name', isText],
  ['cluster.server', isText],
  ['window.start', isText],
  ['window.end', isText],
  ['identity', isRecord],
  ['arguments', isRecord],
  ['scope', isRecord],
  ['set', isRecord],
  ['outcome.status', isText],
  ['resources', (value) => isListOf(value, isRecord)],
  ['ledger', (value) => isListOf(value, isRecord)],
  ['redaction', isRecord],
  ['files', (value) => isListOf(value, isFile)],
  ['cost', isRecord],
  ['root', isText],
]

function at(value: unknown, path: string): unknown {
  return path.split('.').reduce((found, key) => (isRecord(found) ? found[key] : undefined), value)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem)
}

function isFile(value: unknown): boolean {
  return isRecord(value) && isText(value.path) && isText(value.sha256) && Number.isSafeInteger(value.bytes)
}
