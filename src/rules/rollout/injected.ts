import type { Container } from '../../incident/container.ts'
import { listAt, recordAt, textAt } from '../../incident/kubernetes.ts'
import type { Pod } from '../../incident/pod.ts'
import type { TemplateDifference } from '../../incident/template-diff.ts'
import { templatePathOf } from '../../incident/template-path.ts'
import { type Generations, newestSet, revisionOf } from './generations.ts'

/**
 * The container that alone fails in all sick pods where the template does not hold it, and what changed of the template is about other containers: a
 * webhook added it, a proxy of a mesh, and a new pod is only the first to show what is wrong with it.
 */
export function failingInjected(
  generations: Generations,
  differences: readonly TemplateDifference[],
): string | undefined {
  const held = namesInTemplate(generations)
  if (held.size === 0 || !differences.every(({ citation }) => CONTAINER.test(citation.pointer))) return undefined
  const failing = generations.sick.flatMap(failingOf)
  const [first] = failing
  return first && failing.every(({ name }) => !held.has(name)) ? first.name : undefined
}

/** A field of one container, of a template. */
const CONTAINER = /\/(?:initC|c)ontainers\/\d/

function namesInTemplate({ workload, newest }: Generations): ReadonlySet<string> {
  const { object } = newestSet(workload) ?? revisionOf(workload, newest[0]?.templateHash ?? '') ?? {}
  const spec = object ? recordAt(object.json, ...templatePathOf(object), 'spec') : {}
  const containers = ['initContainers', 'containers'].flatMap((group) => listAt(spec, group))
  return new Set(containers.map((one) => textAt(one, 'name')))
}

/** What keeps a pod from being ready: an init container that does not succeed before those that wait for it. */
function failingOf({ containers }: Pod): readonly Container[] {
  const inits = containers.filter(({ role, state, restarts }) => {
    if (role !== 'init') return false
    return restarts > 0 && (state.kind !== 'terminated' || state.exitCode !== 0)
  })
  if (inits.length > 0) return inits
  return containers.filter(({ role, ready }) => !ready && (role === 'main' || role === 'sidecar'))
}
