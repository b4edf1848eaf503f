import type { Scope } from '../src/bundle/format.ts'
import type { Close, CollectContext, Content, Evidence, NodeTarget } from '../src/collector.ts'
import { type PoolRequest, refused } from '../src/sources/kube/ask-pool.ts'
import { KubeError } from '../src/sources/kube/client.ts'
import { ledgerStatus } from '../src/sources/kube/status.ts'
import type { Kubelet, KubeletResponse } from '../src/sources/kubelet/kubelet.ts'
import { monotonicNow, obtainedBy } from './obtained.ts'

/** One question to the kubelet of a node, and where its answer goes. */
export interface NodeQuestion {
  readonly path: string
  /** Name of the file in the collector's folder of that node and sample. */
  readonly file: string
  readonly content: Content
  readonly request?: Partial<PoolRequest>
  /** What a failing health check answers is evidence too. */
  readonly anyStatus?: boolean
  /** Says why a good answer is not what was asked for; undefined for one that is. */
  readonly refuse?: (answer: KubeletResponse) => string | undefined
}

/** Folder of a node's evidence: `nodes/<node>/<sample 0|1>/<collector>`, or `nodes/<node>/once/<collector>`. */
export function nodeFolder(node: string, collector: string, sample: 0 | 1 | undefined): string {
  return `nodes/${node}/${sample ?? 'once'}/${collector}`
}

/**
 * Asks the kubelet of the target's node, one question after the other, each a scope of its own. Where no way leads to the kubelet, the first
 * question says so for all.
 */
export async function* askNode(
  context: CollectContext,
  collector: { readonly id: string; readonly sampled?: boolean },
  questions: readonly NodeQuestion[],
): AsyncGenerator<Evidence | Close> {
  if (context.target.kind !== 'node') return
  const { node } = context.target
  const sample = collector.sampled ? context.sample : undefined
  const kubelet = context.kube.kubelets.of(node)
  const folder = nodeFolder(node.name, collector.id, sample)
  for (const [index, question] of questions.entries()) {
    const scope = { node: node.name, path: question.path, ...(sample === undefined ? {} : { sample }) }
    try {
      yield* ask(context, kubelet, node, { ...question, file: `${folder}/${question.file}` }, scope)
    } catch (error) {
      if (!(error instanceof KubeError)) throw error
      yield { type: 'close', scope, status: ledgerStatus(error), reason: error.message }
      if (error.reason !== 'Unreachable') continue
      for (const { path } of questions.slice(index + 1)) {
        yield { type: 'close', scope: { ...scope, path }, status: 'failed', reason: error.message }
      }
      return
    }
  }
}

async function* ask(
  context: CollectContext,
  kubelet: Kubelet,
  node: NodeTarget,
  question: NodeQuestion,
  scope: Scope,
): AsyncGenerator<Evidence | Close> {
  const { anyStatus } = question
  const answer = await kubelet.get(question.path, {
    ...question.request,
    signal: context.signal,
    ...(anyStatus === undefined ? {} : { anyStatus }),
  })
  if (answer.status === 401 || answer.status === 403) throw refused(question.path, answer)
  const refusal = question.refuse?.(answer)
  if (refusal !== undefined) return yield { type: 'close', scope, status: 'unsupported', reason: refusal }
  // The run takes the body away: what is yielded has no length afterwards.
  const status = answer.body.length > 0 ? 'complete' : 'empty'
  yield {
    type: 'evidence',
    scope,
    path: question.file,
    body: answer.body,
    content: question.content,
    obtained: {
      ...obtainedBy(`GET https://${node.name}:${node.port}${question.path}`, answer),
      way: answer.way,
      monotonicMs: monotonicNow(),
    },
  }
  yield { type: 'close', scope, status }
}
