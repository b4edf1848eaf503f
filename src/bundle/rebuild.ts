import { createHash } from 'node:crypto'
import { FreezeframeError } from '../error.ts'
import { FORMAT, LEDGER_STATUSES, type LedgerLine, type Manifest, type ManifestFile, readBundleName } from './format.ts'
import { rootHash } from './integrity.ts'
import type { Origin } from './reader.ts'

/** Bytes of ledger and version that are read into memory; those of 150,000 pods are a third of it. */
const MOST_BYTES = 64 * 1024 * 1024

/** What a bundle still tells without its manifest. */
export interface Rebuilt {
  readonly manifest: Manifest
  /** Files that are there and cannot be read; the manifest leaves them out. */
  readonly damaged: readonly string[]
}

/**
 * What stood in a manifest that never came, as far as the bundle itself still tells: the ledger's segments, the files that are there, and
 * from the name of the top directory and the times of headers and changes which cluster it was, and when.
 */
export async function rebuildManifest(
  files: ReadonlyMap<string, number>,
  stream: (path: string) => AsyncIterable<Buffer>,
  origin: Origin,
): Promise<Rebuilt> {
  const described: Omit<ManifestFile, 'obtained'>[] = []
  const damaged: string[] = []
  const ledger: LedgerLine[] = []
  let version: string | null = null
  let observed = 0
  let room = MOST_BYTES
  for (const [path, bytes] of files) {
    if (path === 'manifest.json') continue
    const isWanted = path.startsWith('run/ledger/') || path === 'cluster/version.json'
    const kept = isWanted && bytes <= room
    const watched = path.startsWith('changes/') ? latestChange(stream(path)) : undefined
    const found = await digest(watched?.parts ?? stream(path), kept)
    if (found === undefined) {
      damaged.push(path)
      continue
    }
    described.push({ path, bytes, sha256: found.sha256 })
    observed = Math.max(observed, watched?.at() ?? 0)
    if (kept) room -= bytes
    if (kept && path === 'cluster/version.json') version = parseVersion(found.body)
    else if (kept) for (const line of parseLines(found.body)) ledger.push(line)
  }
  const named = readBundleName(origin.name)
  const window = estimateWindow(named?.at, origin.latest || observed)
  // When each came is not known, only that it was there at the end.
  const obtained = { request: 'unknown', at: window.end }
  const manifest = describe(
    described.map((file) => ({ ...file, obtained })),
    ledger,
    { name: named?.cluster ?? 'unknown', version },
    window,
  )
  return { manifest, damaged }
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

function describe(
  files: readonly ManifestFile[],
  ledger: readonly LedgerLine[],
  { name, version }: { name: string; version: string | null },
  window: Manifest['window'],
): Manifest {
  return {
    format: FORMAT,
    tool: { name: 'freezeframe', version: 'unknown', node: 'unknown', platform: 'unknown' },
    cluster: { name, server: 'unknown', version, provider: null, region: null },
    window,
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

/** From the name's time to the latest that anything tells, never before; the epoch where nothing tells a time, which is one for those who parse it. */
function estimateWindow(start: Date | undefined, latest: number): Manifest['window'] {
  const begin = start?.getTime() ?? latest
  const end = Math.max(begin, latest)
  return { start: new Date(begin).toISOString(), end: new Date(end).toISOString(), clockOffsetMs: null }
}

/** Passes the parts of a segment of changes on, and knows afterwards when its latest change was seen: every line begins with that. */
function latestChange(parts: AsyncIterable<Buffer>): { readonly parts: AsyncIterable<Buffer>; at(): number } {
  let latest = 0
  async function* look(): AsyncGenerator<Buffer> {
    for await (const part of parts) {
      for (const [, time = ''] of part.toString('latin1').matchAll(OBSERVED)) {
        latest = Math.max(latest, Date.parse(time) || 0)
      }
      yield part
    }
  }
  return { parts: look(), at: () => latest }
}

/** RFC 3339 with milliseconds, as a capture writes it; a line that a part begins in the middle of is not seen, and not missed. */
const OBSERVED = /^\{"observedAt":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)"/gm

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
