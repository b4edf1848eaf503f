import { cite } from '../citation.ts'
import type { Incident } from '../incident.ts'
import type { KubeObject } from '../object.ts'
import type { RecentChange } from '../recent-change.ts'
import { describeRef } from '../reference.ts'
import { isState } from './configs.ts'
import { isDeliberate } from './manager.ts'
import { isInWindow } from './window.ts'

/** What somebody deploys or configures; what controllers make of it has owners and is left out. */
const CONFIGURED = new Set([
  ...['services', 'configmaps', 'secrets', 'resourcequotas', 'limitranges', 'namespaces', 'persistentvolumeclaims'],
  ...['deployments.apps', 'statefulsets.apps', 'daemonsets.apps', 'jobs.batch', 'cronjobs.batch'],
  ...['horizontalpodautoscalers.autoscaling', 'poddisruptionbudgets.policy', 'storageclasses.storage.k8s.io'],
  ...['networkpolicies.networking.k8s.io', 'ingresses.networking.k8s.io', 'priorityclasses.scheduling.k8s.io'],
  ...['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'].map((one) => `${one}.rbac.authorization.k8s.io`),
  ...['mutatingwebhookconfigurations', 'validatingwebhookconfigurations', 'validatingadmissionpolicies'].map(
    (one) => `${one}.admissionregistration.k8s.io`,
  ),
  'validatingadmissionpolicybindings.admissionregistration.k8s.io',
  'customresourcedefinitions.apiextensions.k8s.io',
  'apiservices.apiregistration.k8s.io',
  'ciliumnetworkpolicies.cilium.io',
  'ciliumclusterwidenetworkpolicies.cilium.io',
  'networkpolicies.crd.projectcalico.org',
  'globalnetworkpolicies.crd.projectcalico.org',
  'httproutes.gateway.networking.k8s.io',
  'gateways.gateway.networking.k8s.io',
  'virtualservices.networking.istio.io',
  'destinationrules.networking.istio.io',
  'peerauthentications.security.istio.io',
  'authorizationpolicies.security.istio.io',
])

/** What a new cluster brings along appears within this time after its first namespace. */
const BIRTH_MS = 10 * 60_000

/** Objects that appeared in the window. */
export function* findCreations(incident: Incident): Generator<RecentChange> {
  for (const resource of incident.resources) {
    if (!CONFIGURED.has(resource)) continue
    for (const object of incident.objects(resource)) {
      if (!isInWindow(incident, object.created) || object.owners.length > 0 || isState(object)) continue
      if (isBornWithCluster(incident, object) || isMadeByController(object)) continue
      yield {
        what: 'created',
        about: object.ref,
        top: incident.topOf(object.ref),
        at: object.created,
        by: object.writes.find(({ manager }) => isDeliberate(manager))?.manager ?? '',
        fields: [],
        says: `${describeRef(object.ref)} was created.`,
        cites: [cite(object, ['metadata', 'creationTimestamp'])],
      }
    }
  }
}

function isMadeByController({ writes }: KubeObject): boolean {
  return writes.length > 0 && !writes.some(({ manager }) => isDeliberate(manager))
}

/** Whether an object is part of a cluster that is itself new: its system's own, or a node of its beginning. */
export function isBornWithCluster(incident: Incident, { ref, created, labels }: KubeObject): boolean {
  const birth = incident.find('Namespace', undefined, 'kube-system')?.created
  if (created === undefined || birth === undefined || created - birth > BIRTH_MS) return false
  const isSystem =
    /^kube-|^local-path-storage$/.test(ref.namespace ?? '') || /^kube-|^default$|^system[:-]/.test(ref.name)
  return isSystem || ref.kind === 'Node' || labels['kubernetes.io/bootstrapping'] !== undefined
}
