import type { Close, CollectContext, Evidence } from '../src/collector.ts'
import { nodeFolder } from './ask-node.ts'
import { askPorts, type PortQuestion } from './ask-ports.ts'

const NO_WAY = 'no running pod was seen that has the network of the node, so that a port-forward could lead there'

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
  // On some nodes that is ordinary (EKS Auto Mode runs its agents as units); with --namespace the pods that do were not looked for.
  if (ways.length === 0) return yield { type: 'close', scope, status: 'not-asked', reason: NO_WAY }
  yield* askPorts(context, { ways, scope, folder: nodeFolder(node.name, collector.id, sample) }, questions)
}
