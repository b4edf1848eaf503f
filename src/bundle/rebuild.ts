import { FORMAT, type LedgerLine, type Manifest, type ManifestFile } from './format.ts'
import { rootHash, sha256 } from './integrity.ts'

/** What stood in a manifest that never came, as far as the bundle itself still tells: the ledger's segments, and the files that are there. */
export async function rebuildManifest(
  files: ReadonlyMap<string, number>,
  read: (path: string) => Promise<Buffer>,
): Promise<Manifest> {
  const ledger: LedgerLine[] = []
  for (const path of files.keys()) {
    if (path.startsWith('run/ledger/')) ledger.push(...parseLines(await read(path)))
  }
  const described: ManifestFile[] = []
  for (const [path, bytes] of files) {
    described.push({
      path,
      bytes,
      sha256: sha256(await read(path)),
      obtained: { request: 'unknown', at: UNKNOWN_TIME },
    })
  }
  return {
    format: FORMAT,
    tool: { name: 'freezeframe', version: 'unknown', node: 'unknown', platform: 'unknown' },
    cluster: {
      name: 'unknown',
      server: 'unknown',
      version: await readVersion(files, read),
      provider: null,
      region: null,
    },
    window: { start: UNKNOWN_TIME, end: UNKNOWN_TIME, clockOffsetMs: null },
    identity: { username: null, groups: [], context: null },
    arguments: {},
    scope: { namespaces: 'all', focus: [] },
    set: { id: 'unknown', part: 1, parts: 1 },
    outcome: {
      status: 'partial',
      ended: 'failed',
      reason: 'the capture was killed, or the file was cut off, before the manifest',
    },
    resources: [],
    ledger,
    redaction: { keyId: 'unknown', counts: {} },
    files: described,
    cost: { requests: {}, bytes: 0, throttled: 0, retries: 0, latency: { p50: null, p99: null } },
    root: rootHash(described),
  }
}

/** No time at all is better than a wrong one; it still is a time for those who parse it. */
const UNKNOWN_TIME = '1970-01-01T00:00:00.000Z'

function parseLines(body: Buffer): LedgerLine[] {
  const lines = body.toString('utf8').split('\n').filter(Boolean)
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as LedgerLine]
    } catch {
      return []
    }
  })
}

async function readVersion(
  files: ReadonlyMap<string, number>,
  read: (path: string) => Promise<Buffer>,
): Promise<string | null> {
  if (!files.has('cluster/version.json')) return null
  try {
    return (
      (JSON.parse((await read('cluster/version.json')).toString('utf8')) as { gitVersion?: string }).gitVersion ?? null
    )
  } catch {
    return null
  }
}
