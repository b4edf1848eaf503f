import type { Incident } from './incident.ts'
import { listAt, stringsAt, textAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import { onceFor } from './once-for.ts'
import type { Pod } from './pod.ts'
import { matchesLabels } from './selector.ts'
import type { Service } from './service.ts'
import type { Workload } from './workload.ts'

/** The name servers of the cluster: what pods find in their resolv.conf, and who answers there. */
export interface ClusterDns {
  readonly services: readonly Service[]
  readonly workloads: readonly Workload[]
  /** Pods that answer, or should. */
  readonly pods: readonly Pod[]
  readonly addresses: ReadonlySet<string>
  /** The ConfigMap with the Corefile, if CoreDNS has one. */
  readonly config: KubeObject | undefined
}

/** Names that distributions give the Service and the Deployment or DaemonSet of their DNS. */
const NAMES = /^(?:kube-dns|coredns|rke2-coredns-rke2-coredns|dns-default)$/

const NAMESPACES = new Set(['kube-system', 'openshift-dns'])

const PORT = 53

/** Finds the DNS of the cluster. */
export const clusterDns = onceFor(findDns)

function findDns(incident: Incident): ClusterDns {
  const services = incident.services.filter(isDnsService)
  const workloads = incident.workloads.filter((one) => isDnsWorkload(one, services))
  const pods = [...new Set([...services.flatMap((one) => one.pods), ...workloads.flatMap((one) => one.pods)])]
  return {
    services,
    workloads,
    pods,
    addresses: new Set(services.flatMap(addressesOf)),
    config: configOf(incident, pods),
  }
}

function isDnsService({ object: { ref, labels }, ports }: Service): boolean {
  if (!NAMESPACES.has(ref.namespace ?? '') || !ports.some(({ port }) => port === PORT)) return false
  return NAMES.test(ref.name) || labels['k8s-app'] === 'kube-dns' || labels['k8s-app'] === 'coredns'
}

/** By name, or by a template whose pods the Service would select: one that is scaled to nothing has no pods. */
function isDnsWorkload({ ref, object }: Workload, services: readonly Service[]): boolean {
  if (!NAMESPACES.has(ref.namespace ?? '') || (ref.kind !== 'Deployment' && ref.kind !== 'DaemonSet')) return false
  if (NAMES.test(ref.name)) return true
  const labels = stringsAt(object?.json, 'spec', 'template', 'metadata', 'labels')
  return services.some(({ selector }) => Object.keys(selector).length > 0 && matchesLabels(selector, labels))
}

function addressesOf({ object }: Service): readonly string[] {
  const all = [textAt(object.json, 'spec', 'clusterIP'), ...listAt(object.json, 'spec', 'clusterIPs')]
  return all.filter((one): one is string => typeof one === 'string' && one !== '' && one !== 'None')
}

/** Of the ConfigMaps that its pods mount, the one with a Corefile; without pods the one of the usual name. */
function configOf(incident: Incident, pods: readonly Pod[]): KubeObject | undefined {
  const named = pods.flatMap((pod) =>
    incident
      .usesOf(pod)
      .flatMap(({ kind, name }) => (kind === 'ConfigMap' ? [{ namespace: pod.ref.namespace, name }] : [])),
  )
  const places = [...named, { namespace: 'kube-system', name: 'coredns' }]
  return places
    .map(({ namespace, name }) => incident.find('ConfigMap', namespace, name))
    .find((object) => object !== undefined && textAt(object.json, 'data', 'Corefile') !== '')
}
