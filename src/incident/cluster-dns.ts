import type { Incident } from './incident.ts'
import { listAt, stringsAt, textAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import { onceFor } from './once-for.ts'
import type { Pod } from './pod.ts'
import { matchesLabels } from './selector.ts'
import { addressesOf, type Service } from './service.ts'
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
  const services = findServices(incident)
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

/** What the kubelets give to pods; else what has a usual name; else what pods ask; else the one Service that can be nothing else. */
function findServices(incident: Incident): readonly Service[] {
  const listening = incident.services.filter(({ ports }) => ports.some(({ port }) => port === PORT))
  const at = (addresses: ReadonlySet<string>) =>
    listening.filter((service) => addressesOf(service).some((one) => addresses.has(one)))
  // Who sees some namespaces only may see the name servers of a tenant alone.
  const isWhole = incident.coverage.isComplete('services')
  const ways = [
    () => at(givenToPods(incident)),
    () => listening.filter(isUsual),
    () => at(askedByPods(incident)),
    () => (isWhole ? onlyOne(listening.filter((service) => isNameServer(incident, service))) : []),
  ]
  for (const way of ways) {
    const found = way()
    if (found.length > 0) return found
  }
  return []
}

function isUsual({ object: { ref, labels } }: Service): boolean {
  if (!NAMESPACES.has(ref.namespace ?? '')) return false
  return NAMES.test(ref.name) || labels['k8s-app'] === 'kube-dns' || labels['k8s-app'] === 'coredns'
}

/** `clusterDNS` in the configuration that kubeadm keeps for kubelets (kubelet.config.k8s.io/v1beta1). */
function givenToPods({ objects }: Incident): ReadonlySet<string> {
  const configs = objects('configmaps').filter(
    ({ ref }) => ref.namespace === 'kube-system' && ref.name.startsWith('kubelet-config'),
  )
  const texts = configs.map(({ json }) =>
    /clusterDNS:((?:\s{0,20}[-[,]\s{0,9}["']?[\da-fA-F.:]+["']?){1,4})/.exec(textAt(json, 'data', 'kubelet')),
  )
  return new Set(texts.flatMap((found) => found?.[1]?.match(/[\da-fA-F]+[.:][\da-fA-F.:]+/g) ?? []))
}

/** Servers that the resolvers of pods name in their logs; who has a resolver of its own choice does not count. */
function askedByPods(incident: Incident): ReadonlySet<string> {
  const asking = incident.logs.filter(({ namespace, pod }) => {
    const policy = textAt(incident.podOf({ kind: 'Pod', namespace, name: pod })?.json, 'spec', 'dnsPolicy')
    return policy !== 'None' && policy !== 'Default'
  })
  const resolvers = asking.flatMap(({ summary }) => summary.templates.flatMap((template) => template.resolvers))
  return new Set(resolvers.map((one) => one.replace(/:53$/, '').replace(/^\[|\]$/g, '')))
}

/** Several may be of tenants; the cluster's has by custom the tenth address of its range (kubeadm, k3s, RKE2, OpenShift, EKS). */
function onlyOne(services: readonly Service[]): readonly Service[] {
  const customary = services.filter((service) => addressesOf(service).some((one) => /\.10$|:a$/.test(one)))
  return [services, customary].find((some) => some.length === 1) ?? []
}

const IMAGES = /(?:^|\/)(?:[\w-]+-)?(?:coredns|kube-dns)(?:[@:-]|$)/

/** Whether CoreDNS or kube-dns is behind a Service, by what its pods are or would be. */
function isNameServer(incident: Incident, { object, selector, ports, pods }: Service): boolean {
  if (Object.keys(selector).length === 0 || !ports.some(({ port, protocol }) => port === PORT && protocol === 'UDP'))
    return false
  if (Object.values(selector).some((one) => one === 'kube-dns' || one === 'coredns')) return true
  const templates = incident.workloads
    .filter((one) => one.ref.namespace === object.ref.namespace && isSelected(one, [{ object, selector }]))
    .flatMap((one) => listAt(one.object?.json, 'spec', 'template', 'spec', 'containers'))
  const images = [
    ...templates.map((one) => textAt(one, 'image')),
    ...pods.flatMap((pod) => pod.containers).map(({ image }) => image),
  ]
  return images.some((image) => IMAGES.test(image))
}

/** By name, or by a template whose pods the Service would select: one that is scaled to nothing has no pods. */
function isDnsWorkload(workload: Workload, services: readonly Service[]): boolean {
  const { ref } = workload
  if (ref.kind !== 'Deployment' && ref.kind !== 'DaemonSet') return false
  if (NAMESPACES.has(ref.namespace ?? '') && NAMES.test(ref.name)) return true
  return isSelected(workload, services)
}

function isSelected({ ref, object }: Workload, services: readonly Pick<Service, 'object' | 'selector'>[]): boolean {
  const labels = stringsAt(object?.json, 'spec', 'template', 'metadata', 'labels')
  return services.some(
    (service) =>
      service.object.ref.namespace === ref.namespace &&
      Object.keys(service.selector).length > 0 &&
      matchesLabels(service.selector, labels),
  )
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
