import type { LedgerStatus } from '../../bundle/format.ts'
import { FreezeframeError } from '../../error.ts'
import { KubeError } from './client.ts'

/**
 * What a failed request means in the ledger. 405 is the answer of a resource that discovery lists but that cannot be listed, 406 that of
 * one without a JSON form.
 */
export function ledgerStatus(error: unknown): LedgerStatus {
  // A 401 is told to the user as bad credentials; the answer itself is its cause.
  const answer = error instanceof FreezeframeError ? error.cause : error
  if (!(answer instanceof KubeError)) return 'failed'
  const { status, reason } = answer
  if (status === 401 || status === 403) return 'denied'
  if (status === 404 || status === 405 || status === 406) return 'unsupported'
  return reason === 'Timeout' || status === 504 ? 'timed-out' : 'failed'
}
