import { createHash } from 'node:crypto'
import { FreezeframeError } from '../error.ts'
import { FORMAT, LEDGER_STATUSES, type LedgerLine, type Manifest, type ManifestFile } from './format.ts'
import { rootHash } from './integrity.ts'

/** Bytes of ledger and version that are read into memory; those of 150,000 pods are a third of it. */
const MOST_BYTES = 64 * 1024 * 1024

/** What a bundle still tells without its manifest. */
export interface Rebuilt {
  readonly manifest: Manifest
  /** Files that are there and cannot be read; the manifest leaves them out. */
  readonly damaged: readonly string[]
}

/** What stood in a manifest that never came, as far as the bundle itself still tells: the ledger's segments, and the files that are there. */
export async function rebuildManifest(
  files: ReadonlyMap<string, number>,
  stream: (path: string) => AsyncIterable<Buffer>,
): Promise<Rebuilt> {
  const described: ManifestFile[] = []
  const damaged: string[] = []
  const ledger: LedgerLine[] = []
  let version: string | null = null
  let room = MOST_BYTES
  for (const [path, bytes] of files) {
    if (path === 'manifest.json') continue
    const isWanted = path.startsWith('run/ledger/') || path === 'cluster/version.json'
    const kept = isWanted && bytes <= room
    const found = await digest(stream(path), kept)
    if (found === undefined) {
      damaged.push(path)
      continue
    }
    described.push({ path, bytes, sha256: found.sha256, obtained: { request: 'unknown', at: UNKNOWN_TIME } })
    if (kept) room -= bytes
    if (kept && path === 'cluster/version.json') version = parseVersion(found.body)
    else if (kept) for (const line of parseLines(found.body)) ledger.push(line)
  }
  return { manifest: describe(described, ledger, version), damaged }
}

/** Hash of a body, and the body itself where it is wanted; undefined where it is damaged. */
async function digest(
  parts: AsyncIterable<Buffer>,
  keep: boolean,
): Promise<{ sha256: string; body: string } | undefined> {
  const hash = createHash('sha256')
  const kept: Buffer[] = []
  try {
    for await (const part of parts) {
      hash.update(part)
      if (keep) kept.push(part)
    }
  } catch (error) {
    if (error instanceof FreezeframeError) return undefined
    throw error
  }
  return { sha256: hash.digest('hex'), body: Buffer.concat(kept).toString('utf8') }
}

function describe(files: readonly ManifestFile[], ledger: readonly LedgerLine[], version: string | null): Manifest {
  return {
    format: FORMAT,
    tool: { name: 'freezeframe', version: 'unknown', node: 'unknown', platform: 'unknown' },
    cluster: { name: 'unknown', server: 'unknown', version, provider: null, region: null },
    window: { start: UNKNOWN_TIME, end: UNKNOWN_TIME, clockOffsetMs: null },
    identity: { username: null, groups: [], context: null },
    arguments: {},
    scope: { namespaces: 'all', focus: [] },
    set: { id: 'unknown', part: 1, parts: 1 },
    outcome: {
      status: 'partial',
      ended: 'failed',
      reason: 'the capture was killed, or the file was cut off or damaged, and the manifest is lost',
    },
    resources: [],
    ledger,
    redaction: { keyId: 'unknown', counts: {} },
    files,
    cost: { requests: {}, bytes: 0, throttled: 0, retries: 0, latency: { p50: null, p99: null } },
    root: rootHash(files),
  }
}

/** No time at all is better than a wrong one; it still is a time for those who parse it. */
const UNKNOWN_TIME = '1970-01-01T00:00:00.000Z'

/** The whole lines of a segment; the last one may be cut. */
function parseLines(body: string): LedgerLine[] {
  return body
    .split('\n')
    .map(parseObject)
    .filter((line) => LEDGER_STATUSES.includes(line.status as LedgerLine['status']) && typeof line.scope === 'object')
    .map((line) => line as unknown as LedgerLine)
}

function parseVersion(body: string): string | null {
  const { gitVersion } = parseObject(body)
  return typeof gitVersion === 'string' ? gitVersion : null
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}
