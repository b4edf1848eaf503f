import { INCOMPLETE_STATUSES, type LedgerLine } from '../bundle/format.ts'
import type { BundleReader } from '../bundle/reader.ts'

/** Why a list that is served does not hold all that there was; undefined for a complete one. */
export function describeGaps(lines: readonly LedgerLine[]): string | undefined {
  const gaps = lines.filter(isGap)
  return gaps.length > 0 ? gaps.map(describeGap).join('; ') : undefined
}

function isGap({ status }: LedgerLine): boolean {
  return INCOMPLETE_STATUSES.includes(status)
}

function describeGap(line: LedgerLine): string {
  const { scope, status, reason } = line
  const place = scope.namespace === undefined ? '' : ` in namespace ${scope.namespace}`
  const part = scope.selector === undefined ? '' : ` with ${scope.selector}`
  return `${subjectOf(line)}${part}${place} ${status}${reason === undefined ? '' : `: ${reason}`}`
}

/** What a line is about; of one about the cluster as a whole, who wrote it. */
function subjectOf({ collector, scope }: LedgerLine): string {
  return scope.resource ?? scope.path ?? collector
}

/** What is missing, by its status and without reasons, which every answer gives itself: `denied: events, nodes`; undefined where nothing is. */
export function nameGaps(ledger: readonly LedgerLine[]): string | undefined {
  const byStatus = Map.groupBy(ledger.filter(isGap), ({ status }) => status)
  const named = [...byStatus].map(([status, lines]) => `${status}: ${nameSubjects(lines)}`)
  return named.length > 0 ? named.join('; ') : undefined
}

/** So many names are read; a ledger that closed early has one for each resource. */
const MOST_NAMED = 12

function nameSubjects(lines: readonly LedgerLine[]): string {
  const bySubject = [...Map.groupBy(lines, subjectOf)]
  const named = bySubject.slice(0, MOST_NAMED).map(([subject, alike]) => `${subject}${describePlaces(alike)}`)
  const more = bySubject.length - named.length
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** One namespace by its name, several logs or namespaces by their number. */
function describePlaces(alike: readonly LedgerLine[]): string {
  const namespace = alike[0]?.scope.namespace
  if (alike.length > 1) return ` (${alike.length})`
  return namespace === undefined ? '' : ` in ${namespace}`
}

/** Why a list may lack objects that were captured: its line in the ledger comes behind its pages, and names them. */
export function describeLoss(
  lines: readonly LedgerLine[],
  { files, truncated }: Pick<BundleReader, 'files' | 'truncated'>,
): string | undefined {
  if (truncated === undefined) return undefined
  const isWhole = lines.length > 0 && lines.every((line) => line.files.every((path) => files.has(path)))
  return isWhole ? undefined : `the bundle is not whole: ${truncated}`
}
