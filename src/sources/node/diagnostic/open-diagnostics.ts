import { randomBytes } from 'node:crypto'
import type { AskedFor, KubeClient } from '../../kube/client.ts'
import { meterRequests } from '../../kube/meter.ts'
import { orAbort } from '../../kube/or-abort.ts'
import type { Diagnostics } from './diagnostics.ts'
import { type Diagnostic, openDiagnostic } from './open-diagnostic.ts'
import { sweepDiagnostics } from './sweep-diagnostics.ts'

/** What became of the NodeDiagnostics of a run. */
export interface DiagnosticsOutcome {
  readonly created: number
  /** Why some of them, and of earlier runs, may still be there. */
  readonly left: readonly string[]
  readonly asked: AskedFor
}

/** Opens the node monitoring agents of a cluster; nothing is asked, and nothing created, before a collector wants it. */
export function openDiagnostics(access: {
  readonly kube: KubeClient
  /** The end of the run: what was created is removed at once. */
  readonly signal: AbortSignal
  /** Tells what became of the objects, when all are removed and there were any. */
  onDone(outcome: DiagnosticsOutcome): void
}): Diagnostics {
  const run = randomBytes(4).toString('hex')
  const meter = meterRequests(access.kube)
  const opened = new Map<string, Diagnostic>()
  const left: string[] = []
  let sweeping: Promise<void> | undefined
  let closing: Promise<void> | undefined

  function sweep(): Promise<void> {
    sweeping ??= sweepDiagnostics(meter.kube, access.signal).catch((error: Error) => {
      if (!access.signal.aborted) left.push(`those of earlier runs: ${error.message}`)
    })
    return sweeping
  }

  async function remove(node: string): Promise<void> {
    await opened.get(node)?.remove()
  }

  async function removeAll(): Promise<void> {
    access.signal.removeEventListener('abort', close)
    const nodes = [...opened].filter(([, one]) => one.wasCreated()).map(([node]) => node)
    await sweeping
    for (const [index, one] of (await Promise.allSettled(nodes.map(remove))).entries()) {
      if (one.status === 'rejected') left.push(`that of node ${nodes[index]}: ${(one.reason as Error).message}`)
    }
    if (opened.size > 0) access.onDone({ created: nodes.length, left, asked: meter.take() })
  }

  function close(): Promise<void> {
    closing ??= removeAll()
    return closing
  }

  access.signal.addEventListener('abort', close, { once: true })
  return {
    async collect(node, signal) {
      // One that an earlier run has left is in the way.
      await orAbort(sweep(), signal)
      const diagnostic = openDiagnostic({ kube: meter.kube, run, signal: access.signal }, node)
      opened.set(node, diagnostic)
      return diagnostic.collect(signal)
    },
    remove: (node) => remove(node).catch(() => {}),
    close,
  }
}
