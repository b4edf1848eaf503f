import { type Ledger, unaskedLine } from './ledger.ts'
import type { CaptureOptions } from './options.ts'
import { describeFocus, type Suspects } from './suspects.ts'

const LOGS = { resource: 'pods/log' }

/** Lines for the logs that nobody asked for, and why: without them their absence would look like silence. */
export function closeUnreadLogs(
  options: Pick<CaptureOptions, 'logs' | 'namespaces'>,
  ledger: Ledger,
  suspects: Suspects,
): void {
  if (options.logs === 'none') {
    ledger.close(unaskedLine('logs', LOGS, 'not-asked', 'left out by --logs none'))
    return
  }
  closeUnlisted(options.namespaces, ledger)
  for (const focus of suspects.unmatched()) {
    const scope = focus.namespace === undefined ? LOGS : { ...LOGS, namespace: focus.namespace }
    ledger.close(unaskedLine('logs', scope, 'failed', `--focus ${describeFocus(focus)} matches no pod that was seen`))
  }
  closeUnsuspected(ledger, suspects)
}

/** Without a list of its pods nobody knew whose logs to ask for in a namespace. */
function closeUnlisted(namespaces: readonly string[] | undefined, ledger: Ledger): void {
  for (const namespace of namespaces ?? [undefined]) {
    if (hasPods(ledger, namespace)) continue
    const scope = namespace === undefined ? LOGS : { ...LOGS, namespace }
    ledger.close(unaskedLine('logs', scope, 'skipped', 'no pod list came, so nobody knew whose logs to ask for'))
  }
}

/** An empty list is an answer too, and so is the beginning of a long one. */
function hasPods(ledger: Ledger, namespace: string | undefined): boolean {
  return ledger.lines.some(
    ({ collector, scope, status, files }) =>
      collector === 'pods' && scope.namespace === namespace && (status === 'empty' || files.length > 0),
  )
}

/** Pods whose logs the policy left out are one line, not thousands. */
function closeUnsuspected(ledger: Ledger, suspects: Suspects): void {
  const { seen, chosen } = suspects.counts()
  if (seen <= chosen) return
  const reason = `${seen - chosen} of ${seen} pods are not suspect, not in kube-system and no control (--logs all reads them too)`
  ledger.close(unaskedLine('logs', LOGS, 'not-asked', reason))
}
