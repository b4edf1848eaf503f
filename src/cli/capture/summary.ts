import { INCOMPLETE_STATUSES, type LedgerLine, type LedgerStatus, type Manifest } from '../../bundle/format.ts'
import type { CaptureResult } from '../../capture/options.ts'
import type { Paint } from '../shell.ts'
import { alignRows, clip, countOf, describeScope, formatBytes, formatDuration, printable } from '../text.ts'

/** What `--format json` prints: enough for automation to decide what to do, without opening the bundle. */
export interface CaptureSummary {
  readonly format: { readonly type: 'freezeframe-capture-summary'; readonly version: 1 }
  readonly outcome: Manifest['outcome']
  readonly outputs: readonly { readonly path: string; readonly bytes: number; readonly error?: string }[]
  readonly cluster: Manifest['cluster']
  readonly window: Manifest['window']
  readonly files: { readonly count: number; readonly bytes: number }
  /** Ledger lines by status. */
  readonly ledger: Readonly<Partial<Record<LedgerStatus, number>>>
  /** The ledger lines that make the capture partial. */
  readonly missing: readonly Pick<LedgerLine, 'collector' | 'scope' | 'status' | 'reason'>[]
  readonly cost: Manifest['cost']
  readonly redaction: Manifest['redaction']
  readonly root: string
}

/** Reduces a capture to its summary. */
export function describeSummary({ manifest, outputs }: CaptureResult): CaptureSummary {
  const { outcome, cluster, window, ledger, files, cost, redaction, root } = manifest
  return {
    format: { type: 'freezeframe-capture-summary', version: 1 },
    outcome,
    outputs: outputs.map(({ target, ...rest }) => ({ path: target, ...rest })),
    cluster,
    window,
    files: { count: files.length, bytes: files.reduce((sum, file) => sum + file.bytes, 0) },
    ledger: countStatuses(ledger),
    missing: ledger.filter((line) => INCOMPLETE_STATUSES.includes(line.status)).map(describeMissing),
    cost,
    redaction,
    root,
  }
}

function countStatuses(ledger: readonly LedgerLine[]): Partial<Record<LedgerStatus, number>> {
  const counts: Partial<Record<LedgerStatus, number>> = {}
  for (const { status } of ledger) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

function describeMissing({ collector, scope, status, reason }: LedgerLine): CaptureSummary['missing'][number] {
  return { collector, scope, status, ...(reason === undefined ? {} : { reason }) }
}

/** Reasons are cut here: the whole sentence is in the manifest. */
const WIDTH = 100

/** Lines of missing evidence that a person reads; the rest is in the bundle's manifest. */
const MISSING_SHOWN = 10

/** The summary for a person: what came, what it cost, what is missing and what to do about it. */
export function drawSummary(summary: CaptureSummary, paint: Paint): string {
  const lines = [
    ...drawOutcome(summary, paint),
    ...drawOutputs(summary, paint),
    ...drawMissing(summary, paint),
    ...drawRemedies(summary),
  ]
  return `${lines.join('\n')}\n`
}

function drawOutcome({ outcome, cluster, window, files, cost }: CaptureSummary, paint: Paint): string[] {
  const took = formatDuration(Date.parse(window.end) - Date.parse(window.start))
  const verdict = outcome.status === 'complete' ? paint('green', 'Complete') : paint('yellow', 'Partial')
  const early = outcome.ended === 'finished' ? '' : `, ended early (${printable(outcome.reason ?? outcome.ended)})`
  const requests = Object.values(cost.requests).reduce((sum, codes) => sum + sumOf(codes), 0)
  const p99 = cost.latency.p99 === null ? '' : `, p99 ${Math.round(cost.latency.p99)} ms`
  const throttled = cost.throttled === 0 ? 'no 429' : countOf(cost.throttled, '429')
  return [
    `${verdict}: ${countOf(files.count, 'file')}, ${formatBytes(files.bytes)} of evidence from ${printable(cluster.name)} in ${took}${early}`,
    `Cost: ${countOf(requests, 'request')}, ${formatBytes(cost.bytes)} received, ${throttled}${p99}`,
  ]
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

function drawOutputs({ outputs }: CaptureSummary, paint: Paint): string[] {
  return outputs.map(({ path, bytes, error }) => {
    if (error !== undefined) return `${paint('red', 'Lost:')} ${printable(error)}`
    return `Bundle: ${path === '-' ? 'stdout' : path} (${formatBytes(bytes)})`
  })
}

function drawMissing({ missing }: CaptureSummary, paint: Paint): string[] {
  if (missing.length === 0) return []
  const groups = groupMissing(missing)
  const rows = groups.slice(0, MISSING_SHOWN).map(({ line, count }) => {
    const others = count > 1 ? ` and ${count - 1} more` : ''
    // Why something was denied is known: it is what this identity may not read.
    const reason = line.status === 'denied' || line.reason === undefined ? '' : `: ${printable(line.reason)}`
    return [`  ${line.status}`, `${describeSource(line)}${others}${reason}`]
  })
  const rest = groups.length - rows.length
  return [
    paint('yellow', 'Missing:'),
    ...alignRows(rows).map((row) => clip(row, WIDTH)),
    ...(rest > 0 ? [`  and ${countOf(rest, 'more kind')}, see "ledger" in the bundle's manifest.json`] : []),
  ]
}

/** A line about everything that a collector reads has no scope but the collector itself. */
function describeSource({ collector, scope }: CaptureSummary['missing'][number]): string {
  return Object.keys(scope).length === 0 ? collector : printable(describeScope(scope))
}

/** Lines that fail alike are one line: a dead kubelet loses every log of its node for the same reason. */
function groupMissing(missing: CaptureSummary['missing']) {
  const sorted = [...missing].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
  const groups = Map.groupBy(sorted, ({ collector, status, scope }) => {
    return `${status} ${collector} ${scope.resource === 'pods/log' ? scope.namespace : JSON.stringify(scope)}`
  })
  return [...groups.values()].flatMap((lines) => lines.slice(0, 1).map((line) => ({ line, count: lines.length })))
}

function sortKey(line: CaptureSummary['missing'][number]): string {
  return `${line.status} ${line.collector} ${describeSource(line)}`
}

function drawRemedies({ missing, outcome }: CaptureSummary): string[] {
  const statuses = new Set(missing.map((line) => line.status))
  return [
    ...(statuses.has('denied')
      ? ['To be allowed what was denied: freezeframe permissions prints the role for `kubectl apply -f -`.']
      : []),
    ...(outcome.ended === 'deadline'
      ? ['To get the rest: a longer --deadline, or less with --namespace or --only.']
      : []),
    ...(outcome.ended === 'size' ? ['To get the rest: a larger --max-size, or less with --namespace or --logs.'] : []),
  ]
}
