import type { Incident } from '../../incident/incident.ts'
import type { Ref } from '../../incident/reference.ts'
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
  'aws',
  'finalizer',
  'finalizers',
  'resource',
  'resources',
  'service',
  'ingress',
  'operator',
  'controller',
  'protection',
  'cleanup',
])

/** Finalizers whose controllers are called otherwise than their domains. */
const KNOWN: readonly (readonly [RegExp, RegExp])[] = [
  [
    /^(?:service|elbv2|ingress|group\.ingress)\.k8s\.aws$/,
    /load-balancer-controller|lb-controller|alb-ingress-controller/,
  ],
  [/^(?:.*\.)?karpenter\.(?:sh|k8s\.aws)$/, /karpenter/],
  [/argocd\.argoproj\.io$/, /argocd?.*application-controller|argo-cd.*application-controller/],
  [/workflows\.argoproj\.io$/, /workflow-controller|argo-workflows/],
  [/fluxcd\.io$/, /flux|\b(?:source|kustomize|helm|notification|image-\w+)-controller/],
]

/** Finalizers of what cloud providers run outside of the cluster: its absence inside says nothing. */
const OUTSIDE =
  /(?:^|\.)(?:kubernetes\.io|gke\.io|cloud\.google\.com|eks\.amazonaws\.com)$|^(?:networking|vpcresources)\.k8s\.aws$/

/**
 * Looks for the controller of a finalizer, `queue.example.com/drain`, by the words of its domain in the names of workloads. What stands beside `kept` is more
 * likely made by the controller than the controller itself.
 */
export function findKeeper(incident: Incident, finalizer: string, kept?: Ref): Keeper {
  const domain = finalizer.split('/')[0] ?? ''
  if (OUTSIDE.test(domain) || (domain.includes('karpenter') && isAutoMode(incident))) return UNKNOWN
  const isNamed = nameMatcher(domain)
  const isWhole = ['deployments.apps', 'statefulsets.apps', 'daemonsets.apps'].every((kind) =>
    incident.coverage.isComplete(kind),
  )
  const fitting = incident.workloads.filter((workload) => isNamed(workload) && workload.object !== undefined)
  const known = KNOWN.some(([pattern]) => pattern.test(domain))
  const controllers = known ? fitting : fitting.filter(isController)
  const controller = controllers.find(({ readyReplicas }) => (readyReplicas ?? 0) > 0) ?? controllers[0]
  if (controller) {
    const isWell = (controller.readyReplicas ?? 0) > 0
    const name = `${controller.ref.kind} ${controller.ref.namespace}/${controller.ref.name}`
    return {
      state: isWell ? 'well' : 'ill',
      says: isWell ? `; its controller may be ${name}, which runs` : `; its controller ${name} has no ready pod`,
      workload: controller,
    }
  }
  const others = fitting.filter(({ ref }) => kept?.namespace === undefined || ref.namespace !== kept.namespace)
  if (!isWhole || (others.length > 0 && !known)) return UNKNOWN
  const hasDefinition = incident
    .objects('customresourcedefinitions.apiextensions.k8s.io')
    .some(({ ref }) => ref.name.endsWith(`.${domain}`))
  if (hasDefinition) return { state: 'ill', says: '; its definitions are there and no controller of that name is' }
  return { state: 'gone', says: `, and nothing of ${domain} is in the cluster any more` }
}

const UNKNOWN: Keeper = { state: 'unknown', says: '' }

/** EKS runs its own Karpenter and controller of load balancers beside the control plane (EKS Auto Mode). */
function isAutoMode({ find }: Incident): boolean {
  return find('CustomResourceDefinition', undefined, 'nodeclasses.eks.amazonaws.com') !== undefined
}

/** Says of a workload whether it may be the controller of a domain, by its names and labels. */
function nameMatcher(domain: string): (workload: Workload) => boolean {
  const known = KNOWN.find(([pattern]) => pattern.test(domain))?.[1]
  if (known) return (workload) => known.test(namesOf(workload))
  const words = domain
    .split(/[.-]/)
    .filter(isTelling)
    .map((word) => word.replace(/s$/, ''))
    .filter(isTelling)
  return (workload) => {
    const names = namesOf(workload)
    return words.some((word) => names.includes(word) || names.replaceAll('-', '').includes(word))
  }
}

function isTelling(word: string): boolean {
  return word.length > 2 && !COMMON.has(word)
}

function isController({ ref }: Workload): boolean {
  return /operator|controller|manager/.test(`${ref.name} ${ref.namespace ?? ''}`)
}

function namesOf({ ref, object }: Workload): string {
  return [ref.name, ref.namespace ?? '', ...Object.values(object?.labels ?? {})].join(' ')
}
