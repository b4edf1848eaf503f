import { resourceName } from '../bundle/format.ts'

/** What discovery says of built-in resources besides their kind: short names, and whether `kubectl get all` shows them (kubectl api-resources, 1.34). */
const SHORT_NAMES: Readonly<Record<string, readonly string[]>> = {
  'certificatesigningrequests.certificates.k8s.io': ['csr'],
  componentstatuses: ['cs'],
  configmaps: ['cm'],
  'cronjobs.batch': ['cj'],
  'customresourcedefinitions.apiextensions.k8s.io': ['crd', 'crds'],
  'daemonsets.apps': ['ds'],
  'deployments.apps': ['deploy'],
  endpoints: ['ep'],
  events: ['ev'],
  'events.events.k8s.io': ['ev'],
  'horizontalpodautoscalers.autoscaling': ['hpa'],
  'ingresses.networking.k8s.io': ['ing'],
  'ipaddresses.networking.k8s.io': ['ip'],
  limitranges: ['limits'],
  namespaces: ['ns'],
  'networkpolicies.networking.k8s.io': ['netpol'],
  nodes: ['no'],
  persistentvolumeclaims: ['pvc'],
  persistentvolumes: ['pv'],
  'poddisruptionbudgets.policy': ['pdb'],
  pods: ['po'],
  'priorityclasses.scheduling.k8s.io': ['pc'],
  'replicasets.apps': ['rs'],
  replicationcontrollers: ['rc'],
  resourcequotas: ['quota'],
  serviceaccounts: ['sa'],
  services: ['svc'],
  'statefulsets.apps': ['sts'],
  'storageclasses.storage.k8s.io': ['sc'],
  'volumeattributesclasses.storage.k8s.io': ['vac'],
}

const IN_ALL = new Set([
  'cronjobs.batch',
  'daemonsets.apps',
  'deployments.apps',
  'horizontalpodautoscalers.autoscaling',
  'jobs.batch',
  'pods',
  'replicasets.apps',
  'replicationcontrollers',
  'services',
  'statefulsets.apps',
])

/** The other names of a resource, as members of its entry in discovery; none of custom ones. */
export function otherNames(resource: { group: string; resource: string }): {
  shortNames?: readonly string[]
  categories?: readonly string[]
} {
  const name = resourceName(resource)
  const shortNames = Object.hasOwn(SHORT_NAMES, name) ? SHORT_NAMES[name] : undefined
  return { ...(shortNames && { shortNames }), ...(IN_ALL.has(name) && { categories: ['all'] }) }
}
