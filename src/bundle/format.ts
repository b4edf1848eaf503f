/**
 * The bundle format: the one contract that capture and analysis share. Nothing in this file imports anything.
 *
 * `version` is raised when an older reader would misread a newer bundle; an added optional field does not raise it.
 * Readers refuse a newer version in one sentence, and `fixtures/bundles/` keeps a bundle of every old one.
 */
export const FORMAT = { type: 'freezeframe-bundle', version: 1 } as const

/** What became of one source. Absence is never read as health: every source has a line that says one of these. */
export const LEDGER_STATUSES = [
  'complete',
  'empty',
  'partial',
  'denied',
  'timed-out',
  'failed',
  'truncated',
  'withheld',
  'unsupported',
  'gone',
  'skipped',
  'not-asked',
] as const

/**
 * complete: all of it is here. empty: asked, and there is nothing. partial: some is here, the rest is not. denied: 401 or 403.
 * timed-out: the request or the deadline ran out. failed: an error, see reason. truncated: cut by policy (log budget).
 * withheld: it could not be redacted safely. unsupported: the server does not serve it. gone: it was deleted before it was read.
 * skipped: interrupted or over budget before it was asked. not-asked: excluded by the arguments or by principle (Secrets).
 */
export type LedgerStatus = (typeof LEDGER_STATUSES)[number]

/** The statuses that make a capture partial (exit code 1). The others count as complete. */
export const INCOMPLETE_STATUSES: readonly LedgerStatus[] = [
  'partial',
  'denied',
  'timed-out',
  'failed',
  'withheld',
  'skipped',
]

/** What a ledger line, or a piece of evidence, is about; all fields absent means the cluster as a whole. */
export interface Scope {
  /** `pods`, `deployments.apps`, `pods/log`: resource, then group unless it is core. */
  readonly resource?: string
  readonly namespace?: string
  /** Field selector of a list that was restricted to some objects, `involvedObject.kind=Node`; it says nothing of the others. */
  readonly selector?: string
  /** Object name (a pod's, for logs). */
  readonly name?: string
  readonly container?: string
  /** True for the previous instance's log. */
  readonly previous?: boolean
  readonly node?: string
  /** A non-resource path such as `/metrics`. */
  readonly path?: string
  readonly sample?: 0 | 1
}

/** One source and what became of it; a line of `run/ledger/<n>.jsonl` and of the manifest's `ledger`. */
export interface LedgerLine {
  readonly collector: string
  readonly scope: Scope
  readonly status: LedgerStatus
  /** One sentence; present unless the status is complete or empty for the ordinary reason. */
  readonly reason?: string
  /** Requests made for this line, and bytes received before redaction. */
  readonly requests: number
  readonly bytes: number
  /** Paths of the bundle's files that this line accounts for. */
  readonly files: readonly string[]
}

/** How a file was obtained, so that every claim can be traced to a request. */
export interface Obtained {
  /** Method and path with query, for instance `GET /api/v1/pods?limit=500`; or `watch`, `local`. */
  readonly request: string
  readonly status?: number
  /** The server's Date header, as sent; against `at` it gives the clock offset. */
  readonly serverDate?: string
  /** Local clock, RFC 3339 with milliseconds, when the answer was complete. */
  readonly at: string
  /** How a kubelet, a port of a node or its inside was reached: `direct`, `port-forward`, `proxy`; `exec`, `probe`; absent for the API server itself. */
  readonly way?: string
  /** Milliseconds of the local monotonic clock when the answer was complete: two samples of a counter are a rate over their difference. */
  readonly monotonicMs?: number
  /** Why and how the body is shorter than what the source has. */
  readonly truncated?: string
}

/** One file of the bundle. */
export interface ManifestFile {
  readonly path: string
  readonly bytes: number
  readonly sha256: string
  readonly collector?: string
  readonly obtained: Obtained
}

/** A resource as discovery names it, in the version that was captured. */
export interface ServedResource {
  /** Empty for core. */
  readonly group: string
  readonly version: string
  /** Plural name, as in the URL. */
  readonly resource: string
  readonly kind: string
  readonly namespaced: boolean
  /** The same objects under other group versions, for instance `apps/v1beta1` or `events.k8s.io/v1`. */
  readonly alsoServedAs: readonly string[]
}

/** `manifest.json`; its JSON Schema is `manifest.schema.json` beside this file. */
export interface Manifest {
  readonly format: { readonly type: string; readonly version: number }
  readonly tool: { readonly name: string; readonly version: string; readonly node: string; readonly platform: string }
  readonly cluster: {
    readonly name: string
    readonly server: string
    /** `gitVersion` of /version, or null when it was not answered. */
    readonly version: string | null
    readonly provider: string | null
    readonly region: string | null
  }
  /** Local clock; `clockOffsetMs` is server minus local, from a Date header (1 s resolution), null when unknown. */
  readonly window: { readonly start: string; readonly end: string; readonly clockOffsetMs: number | null }
  readonly identity: {
    readonly username: string | null
    readonly groups: readonly string[]
    readonly context: string | null
  }
  /** The settings of the capture, normalised, so that analysis never has to guess what was asked. */
  readonly arguments: Readonly<Record<string, unknown>>
  readonly scope: { readonly namespaces: readonly string[] | 'all'; readonly focus: readonly string[] }
  readonly set: { readonly id: string; readonly part: number; readonly parts: number }
  readonly outcome: Outcome
  readonly resources: readonly ServedResource[]
  readonly ledger: readonly LedgerLine[]
  readonly redaction: {
    /** First 16 hex digits of HMAC-SHA256(key, "freezeframe key id"): equal means pseudonyms can be compared. */
    readonly keyId: string
    readonly counts: Readonly<Record<string, number>>
  }
  readonly files: readonly ManifestFile[]
  readonly cost: Cost
  /** Hex SHA-256 over `<sha256>  <path>\n` of every entry of `files`, ordered by the bytes of the path. */
  readonly root: string
}

/** Whether everything asked for came, and if not, what ended the run. */
export interface Outcome {
  readonly status: 'complete' | 'partial' | 'none'
  /** finished, deadline, interrupted (SIGINT, SIGTERM), failed, size (`--max-size` reached). */
  readonly ended: 'finished' | 'deadline' | 'interrupted' | 'failed' | 'size'
  readonly reason?: string
}

/** What the run asked of the API server: the proof that it did not hurt the patient. */
export interface Cost {
  /** Requests by verb (get, list, watch, log, create) and HTTP status (`0` where no answer came). */
  readonly requests: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Bytes received, after content decoding. */
  readonly bytes: number
  readonly throttled: number
  readonly retries: number
  /** Milliseconds to the response's head, over every request but watches; null before the first answer. */
  readonly latency: { readonly p50: number | null; readonly p99: number | null }
}

/**
 * The bundle's base name: `freezeframe-<cluster>-<UTC, 20260131T235959Z>`. The cluster is the last part of an ARN or context,
 * reduced to `[a-z0-9-]`, because tar reads `a:b` as a remote host.
 */
export function bundleName(cluster: string, at: Date): string {
  const last = cluster.split(/[/:@]/).filter(Boolean).at(-1) ?? ''
  const safe = last
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63)
  const stamp = at.toISOString().replace(/[-:]|\.\d+/g, '')
  return `freezeframe-${safe || 'cluster'}-${stamp}`
}

/** What a bundle's base name says; undefined for any other name. */
export function readBundleName(name: string): { readonly cluster: string; readonly at: Date } | undefined {
  const found = /^freezeframe-([a-z0-9-]+)-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(name)
  if (!found) return undefined
  const [, cluster = '', year, month, day, hour, minute, second] = found
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(+at) ? undefined : { cluster, at }
}

/** Folder of a resource's list pages: `cluster/<group or core>/<version>/<resource>/<namespace or _all>`. */
export function listFolder(resource: { group: string; version: string; resource: string }, namespace?: string): string {
  return `cluster/${resource.group || 'core'}/${resource.version}/${resource.resource}/${namespace ?? '_all'}`
}

/**
 * Path of one list page, numbered from 1. Pages of a list that was restricted by a field selector stand in a folder of that name, a level
 * deeper, so that whoever looks for all objects of the namespace does not take them for that.
 */
export function listPagePath(
  resource: { group: string; version: string; resource: string },
  namespace: string | undefined,
  page: number,
  selector?: string,
): string {
  const folder = [listFolder(resource, namespace), ...(selector === undefined ? [] : [selector])].join('/')
  return `${folder}/${String(page).padStart(4, '0')}.json`
}

/** Path of a container's log: `logs/<namespace>/<pod>/<pod uid>/<container>.log` or `.previous.log`. */
export function logPath(log: {
  namespace: string
  pod: string
  uid: string
  container: string
  previous: boolean
}): string {
  return `logs/${log.namespace}/${log.pod}/${log.uid}/${log.container}${log.previous ? '.previous' : ''}.log`
}

/** Path of a segment of watch changes: `changes/<resource>/<sequence>.jsonl`, numbered from 1. */
export function changesPath(resource: string, sequence: number): string {
  return `changes/${resource}/${String(sequence).padStart(6, '0')}.jsonl`
}

/** One line of a changes segment; a gap (410, reconnect) is a line too, with no object. */
export interface ChangeLine {
  readonly observedAt: string
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'GAP'
  readonly object?: unknown
  readonly reason?: string
}

/** Header that every answer of a replay has, so that a capture of it does not look for nodes that are elsewhere, or gone. */
export const REPLAY_HEADER = 'x-freezeframe-replay'

/** `GROUP/VERSION` as Kubernetes writes it: `v1` for core, else `apps/v1`. */
export function groupVersion(resource: { group: string; version: string }): string {
  return resource.group ? `${resource.group}/${resource.version}` : resource.version
}

/** `pods`, `deployments.apps`: the spelling of a resource in scopes and messages. */
export function resourceName(resource: { group: string; resource: string }): string {
  return resource.group ? `${resource.resource}.${resource.group}` : resource.resource
}
