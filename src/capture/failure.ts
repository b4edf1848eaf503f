import type { LedgerStatus } from '../bundle/format.ts'
import { ledgerStatus } from '../sources/kube/status.ts'
import type { Ending } from './ending.ts'

/** The status and the sentence that an error becomes in the ledger. `kept` is the number of files that the scope already has. */
export function describeFailure(
  error: unknown,
  ending: Ending,
  kept: number,
): { status: LedgerStatus; reason: string } {
  if (ending.signal.aborted) return { status: statusOfEnding(ending, kept), reason: ending.reason ?? 'the run ended' }
  const status = ledgerStatus(error)
  const reason = error instanceof Error ? error.message : String(error)
  return { status: kept > 0 && status !== 'denied' ? 'partial' : status, reason }
}

function statusOfEnding(ending: Ending, kept: number): LedgerStatus {
  if (kept > 0) return 'partial'
  return ending.ended === 'deadline' ? 'timed-out' : 'skipped'
}
