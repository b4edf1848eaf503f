import type { Close, CollectContext, Evidence } from '../src/collector.ts'
import { askPorts, type PortQuestion } from './ask-ports.ts'

/** Asks ports of the target's pod, into the folder `components/<namespace>/<pod>/<sample>/<collector>`. */
export async function* askComponent(
  context: CollectContext,
  collector: { readonly id: string },
  questions: readonly PortQuestion[],
): AsyncGenerator<Evidence | Close> {
  if (context.target.kind !== 'component') return
  const { namespace, name } = context.target.pod
  const { sample } = context
  const scope = { resource: 'pods/portforward', namespace, name, sample }
  const folder = `components/${namespace}/${name}/${sample}/${collector.id}`
  yield* askPorts(context, { ways: [{ namespace, pod: name }], scope, folder }, questions)
}
