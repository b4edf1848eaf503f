import type { Close, CollectContext, Collector } from '../src/collector.ts'
import { KubeError } from '../src/sources/kube/client.ts'
import { ledgerStatus } from '../src/sources/kube/status.ts'
import { keepArchive } from './diagnostic-archive.ts'

/**
 * What the node monitoring agent of EKS collects of its node: journals, what the kernel said, interfaces, rules, routes, the runtime, logs of
 * system pods.
 */
export const nodeDiagnostic: Collector = {
  id: 'node-diagnostic',
  title: 'Logs that the node monitoring agent collects',
  volatility: 4,
  scope: 'node',
  ways: ['node-diagnostic'],
  reads: [],
  async *collect(context) {
    if (context.target.kind !== 'node') return
    const { node } = context.target
    const scope = { node: node.name }
    if (!(await isServed(context))) return yield { type: 'close', scope, ...UNSERVED }
    try {
      yield* keepArchive(context, node, await context.diagnostics.collect(node.name, context.signal))
    } catch (error) {
      if (!(error instanceof KubeError) || context.signal.aborted) throw error
      yield { type: 'close', scope, status: statusOf(error), reason: error.message }
    } finally {
      await context.diagnostics.remove(node.name)
    }
  },
}

async function isServed({ discovery }: CollectContext): Promise<boolean> {
  const { resources } = await discovery
  return resources.some(({ group, resource }) => group === 'eks.amazonaws.com' && resource === 'nodediagnostics')
}

const UNSERVED: Pick<Close, 'status' | 'reason'> = {
  status: 'unsupported',
  reason: 'the cluster serves no NodeDiagnostics: the node monitoring agent of EKS is not installed',
}

/** Whoever else has one of that name has it now, and perhaps has just begun. */
function statusOf(error: KubeError): Close['status'] {
  return error.status === 409 ? 'skipped' : ledgerStatus(error)
}
