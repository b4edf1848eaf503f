import type { LedgerStatus } from '../bundle/format.ts'
import { FreezeframeError } from '../error.ts'
import { KubeError } from '../sources/kube/client.ts'
import { ledgerStatus } from '../sources/kube/status.ts'
import type { Ending } from './ending.ts'

/** The status and the sentence that an error becomes in the ledger. `kept` is the number of files that the scope already has. */
export function describeFailure(
  error: unknown,
  ending: Ending,
  kept: number,
): { status: LedgerStatus; reason: string } {
  if (ending.signal.aborted) return { status: statusOfEnding(ending, kept), reason: ending.reason ?? 'the run ended' }
  if (!(error instanceof KubeError)) return { status: 'failed', reason: describeUnknown(error) }
  const status = ledgerStatus(error)
  return { status: kept > 0 && status !== 'denied' ? 'partial' : status, reason: error.message }
}

function statusOfEnding(ending: Ending, kept: number): LedgerStatus {
  if (kept > 0) return 'partial'
  return ending.ended === 'deadline' ? 'timed-out' : 'skipped'
}

function describeUnknown(error: unknown): string {
  return error instanceof FreezeframeError || error instanceof Error ? error.message : String(error)
}
