import type { Incident } from '../../incident/incident.ts'
import type { Workload } from '../../incident/workload.ts'

/** Who should take a finalizer off: gone, ill, well, or not to be told from the bundle. */
export interface Keeper {
  readonly state: 'gone' | 'ill' | 'well' | 'unknown'
  /** How a sentence about it ends. */
  readonly says: string
  readonly workload?: Workload
}

/** Labels and names too common to tell an operator by. */
const COMMON = new Set([
  'com',
  'org',
  'net',
  'io',
  'dev',
  'k8s',
  'kubernetes',
  'example',
  'www',
  'cloud',
  'app',
  'sigs',
  'x-k8s',
])

/** Looks for the controller of a finalizer, `queue.example.com/drain`, by the words of its domain in the names of workloads. */
export function findKeeper(incident: Incident, finalizer: string): Keeper {
  const domain = finalizer.split('/')[0] ?? ''
  // Cloud providers clean up for these from outside the cluster.
  if (domain.endsWith('kubernetes.io')) return { state: 'unknown', says: '' }
  const words = domain.split(/[.-]/).filter((word) => word.length > 2 && !COMMON.has(word))
  const isWhole = ['deployments.apps', 'statefulsets.apps', 'daemonsets.apps'].every((kind) =>
    incident.coverage.isComplete(kind),
  )
  const fitting = incident.workloads.filter(({ ref, object }) =>
    words.some((word) => namesOf(ref.name, ref.namespace ?? '', object?.labels ?? {}).includes(word)),
  )
  const controllers = fitting.filter(
    ({ ref, object }) => object && /operator|controller|manager/.test(`${ref.name} ${ref.namespace ?? ''}`),
  )
  const [controller] = controllers.length > 0 ? controllers : []
  if (controller) {
    const isWell = (controller.readyReplicas ?? 0) > 0
    const name = `${controller.ref.kind} ${controller.ref.namespace}/${controller.ref.name}`
    return {
      state: isWell ? 'well' : 'ill',
      says: isWell ? `; its controller may be ${name}, which runs` : `; its controller ${name} has no ready pod`,
      workload: controller,
    }
  }
  if (!isWhole) return { state: 'unknown', says: '' }
  const hasDefinition = incident
    .objects('customresourcedefinitions.apiextensions.k8s.io')
    .some(({ ref }) => ref.name.endsWith(`.${domain}`))
  if (hasDefinition) return { state: 'ill', says: '; its definitions are there and no controller of that name is' }
  return { state: 'gone', says: `, and nothing of ${domain} is in the cluster any more` }
}

function namesOf(name: string, namespace: string, labels: Readonly<Record<string, string>>): string {
  return [name, namespace, ...Object.values(labels)].join(' ')
}
