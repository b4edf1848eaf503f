import { INCOMPLETE_STATUSES, type LedgerLine, type Manifest, resourceName, type Scope } from '../bundle/format.ts'
import type { BundleReader } from '../bundle/reader.ts'
import { notInBundle, type Refusal } from './refusal.ts'

/** What the ledger says of a source, as a clause: `denied: pods is forbidden …`; where it says nothing, because the bundle was cut off, or at all. */
export function quoteLedger(lines: readonly LedgerLine[], { truncated }: Pick<BundleReader, 'truncated'>): string {
  const said = lines.map(({ status, reason }) => (reason === undefined ? status : `${status}: ${reason}`))
  if (said.length > 0) return [...new Set(said)].join('; ')
  return truncated === undefined ? 'the ledger does not say why' : `the bundle is not whole: ${truncated}`
}

/** Lines about the list of a resource; with a namespace those about this one and those about all of them. */
export function linesOfList(
  { ledger }: Manifest,
  resource: { group: string; resource: string },
  namespace?: string,
): LedgerLine[] {
  const name = resourceName(resource)
  return ledger.filter(({ collector, scope }) => {
    // The watch has a line of its own: what it missed is not missing from the list.
    if (collector === 'changes' || scope.resource !== name) return false
    return namespace === undefined || scope.namespace === undefined || scope.namespace === namespace
  })
}

/** Why a list that is served does not hold all that there was; undefined for a complete one. */
export function describeGaps(lines: readonly LedgerLine[]): string | undefined {
  const gaps = lines.filter(({ status }) => INCOMPLETE_STATUSES.includes(status))
  return gaps.length > 0 ? gaps.map(describeGap).join('; ') : undefined
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

function describeGap({ scope, status, reason }: LedgerLine): string {
  const place = scope.namespace === undefined ? '' : ` in namespace ${scope.namespace}`
  const part = scope.selector === undefined ? '' : ` with ${scope.selector}`
  return `${scope.resource ?? scope.path}${part}${place} ${status}${reason === undefined ? '' : `: ${reason}`}`
}

/**
 * What is not in the bundle, and why, in the ledger's words: 403 for what was denied, else 404. Its absence says nothing about the cluster,
 * and the answer says so.
 */
export function absent(bundle: BundleReader, what: string, lines: readonly LedgerLine[]): Refusal {
  const isDenied = lines.some(({ status }) => status === 'denied')
  return notInBundle(what, quoteLedger(lines, bundle), { isDenied })
}

/** Lines about a path such as `/metrics`, whatever query it was asked with. */
export function linesOfPath({ ledger }: Manifest, path: string): LedgerLine[] {
  return ledger.filter(({ scope }) => withoutQuery(scope) === path)
}

function withoutQuery({ path }: Scope): string | undefined {
  return path?.replace(/\?.*$/, '')
}
