import { type Citation, cite } from '../../incident/citation.ts'
import type { Container } from '../../incident/container.ts'
import { listAt, textAt } from '../../incident/kubernetes.ts'
import type { Pod } from '../../incident/pod.ts'
import { showBytes } from '../../incident/quantity.ts'
import { memoryLimitOf } from './ended.ts'

/** What bounds the heap of a program, in words that go on a sentence. */
export interface HeapBound {
  readonly says: string
  readonly cites: readonly Citation[]
}

/** java, node, the Go runtime, .NET, PHP. */
const OPTION =
  /-Xmx\d+[kmgtKMGT]?|-XX:(?:MaxRAMPercentage|MaxRAM|MaxMetaspaceSize)=[\w.]+|--max[-_]old[-_]space[-_]size=\d+|memory_limit=\w+/
const VARIABLES = new Set(['GOMEMLIMIT', 'DOTNET_GCHeapHardLimit', 'COMPlus_GCHeapHardLimit', 'PHP_MEMORY_LIMIT'])

/** The option of the runtime that bounds it, as far as the pod names it; else the container's limit, from which runtimes take a part. */
export function heapBoundOf(pod: Pod, container: Container): HeapBound {
  const limit = memoryLimitOf(pod, container)
  const whole = limit === undefined ? 'its container has no limit' : `its container may have ${showBytes(limit)}`
  const option = optionOf(pod, container)
  if (option) return { says: `the heap is bounded by ${option.text}, and ${whole}`, cites: [option.citation] }
  const cites = limit === undefined ? [] : [cite(pod, [...container.specPath, 'resources'])]
  const part = limit === undefined ? '' : ', of which its runtime takes a part'
  return { says: `the pod sets no bound for the heap (-Xmx, --max-old-space-size), and ${whole}${part}`, cites }
}

function optionOf(
  pod: Pod,
  { spec, specPath }: Container,
): { readonly text: string; readonly citation: Citation } | undefined {
  for (const [index, one] of listAt(spec, 'env').entries()) {
    const value = textAt(one, 'value')
    const own = VARIABLES.has(textAt(one, 'name')) && value !== '' ? `${textAt(one, 'name')}=${value}` : undefined
    const text = OPTION.exec(value)?.[0] ?? own
    if (text) return { text, citation: cite(pod, [...specPath, 'env', index, 'value']) }
  }
  for (const field of ['command', 'args'])
    for (const [index, one] of listAt(spec, field).entries()) {
      const text = typeof one === 'string' ? OPTION.exec(one)?.[0] : undefined
      if (text) return { text, citation: cite(pod, [...specPath, field, index]) }
    }
  return undefined
}
