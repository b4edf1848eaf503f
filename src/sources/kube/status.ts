import type { LedgerStatus } from '../../bundle/format.ts'
import type { KubeError } from './client.ts'

/**
 * What a failed request means in the ledger. 405 is the answer of a resource that discovery lists but that cannot be listed, 406 that of
 * one without a JSON form.
 */
export function ledgerStatus(error: KubeError): LedgerStatus {
  if (error.status === 401 || error.status === 403) return 'denied'
  if (error.status === 404 || error.status === 405 || error.status === 406) return 'unsupported'
  return error.reason === 'Timeout' || error.status === 504 ? 'timed-out' : 'failed'
}
