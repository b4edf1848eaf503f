import type { LedgerStatus } from '../bundle/format.ts'
import { FreezeframeError } from '../error.ts'
import { KubeError } from '../sources/kube/client.ts'
import type { Ending } from './ending.ts'

/** The status and the sentence that an error becomes in the ledger. `kept` is the number of files that the scope already has. */
export function describeFailure(
  error: unknown,
  ending: Ending,
  kept: number,
): { status: LedgerStatus; reason: string } {
  if (ending.signal.aborted) return { status: statusOfEnding(ending, kept), reason: ending.reason ?? 'the run ended' }
  if (!(error instanceof KubeError)) return { status: 'failed', reason: describeUnknown(error) }
  const status = statusOfAnswer(error)
  return { status: kept > 0 && status !== 'denied' ? 'partial' : status, reason: error.message }
}

function statusOfEnding(ending: Ending, kept: number): LedgerStatus {
  if (kept > 0) return 'partial'
  return ending.ended === 'deadline' ? 'timed-out' : 'skipped'
}

/** 405 is the answer of a resource that discovery lists but that cannot be listed; 406 that of one without a JSON form. */
function statusOfAnswer(error: KubeError): LedgerStatus {
  if (error.status === 401 || error.status === 403) return 'denied'
  if (error.status === 404 || error.status === 405 || error.status === 406) return 'unsupported'
  return error.reason === 'Timeout' || error.status === 504 ? 'timed-out' : 'failed'
}

function describeUnknown(error: unknown): string {
  return error instanceof FreezeframeError || error instanceof Error ? error.message : String(error)
}
