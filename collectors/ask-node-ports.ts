import type { Close, CollectContext, Evidence } from '../src/collector.ts'
import { nodeFolder } from './ask-node.ts'
import { askPorts, type PortQuestion } from './ask-ports.ts'

/** Asks what listens on the target's node, loopback included, through a running pod that has the node's network. */
export async function* askNodePorts(
  context: CollectContext,
  collector: { readonly id: string; readonly sampled?: boolean },
  questions: readonly PortQuestion[],
): AsyncGenerator<Evidence | Close> {
  if (context.target.kind !== 'node') return
  const { node } = context.target
  const sample = collector.sampled ? context.sample : undefined
  const scope = { node: node.name, ...(sample === undefined ? {} : { sample }) }
  const ways = await node.forwarders()
  if (ways.length === 0) {
    const reason = `no running pod has the network of node ${node.name}, so that a port-forward could lead there`
    return yield { type: 'close', scope, status: 'failed', reason }
  }
  yield* askPorts(context, { ways, scope, folder: nodeFolder(node.name, collector.id, sample) }, questions)
}
