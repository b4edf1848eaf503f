import type { Incident } from '../incident.ts'
import { isTrueAt, numberAt } from '../kubernetes.ts'
import type { KubeObject } from '../object.ts'
import type { RecentChange } from '../recent-change.ts'
import { describeRef, keyOf } from '../reference.ts'
import { citeWrite } from '../write-citation.ts'
import type { Write } from '../writes.ts'
import { kindOfManager } from './manager.ts'
import { ROLLOUT_LAG_MS } from './rollouts.ts'
import { recentWrites } from './window.ts'

/** Resources that components write all the time, that have their own kinds of change, or that nobody sets by hand. */
const NOT_CONFIGURED = new Set([
  ...['pods', 'events', 'events.events.k8s.io', 'endpoints', 'endpointslices.discovery.k8s.io', 'replicasets.apps'],
  ...['leases.coordination.k8s.io', 'configmaps', 'secrets', 'csinodes.storage.k8s.io', 'controllerrevisions.apps'],
  ...['volumeattachments.storage.k8s.io', 'nodeclaims.karpenter.sh', 'certificatesigningrequests.certificates.k8s.io'],
  ...['persistentvolumes', 'flowschemas.flowcontrol.apiserver.k8s.io', 'applications.argoproj.io'],
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io',
])

/** Groups that Kubernetes serves itself: an unknown writer of these is somebody's script, of other kinds most likely their controller. */
const BUILT_IN = /^(?:apps|batch|autoscaling|policy|extensions|.*\.k8s\.io)$/

/** Metadata that configures something by itself: pod security, roles of accounts, settings of load balancers, what a node is for. */
const MEANINGFUL_METADATA: Readonly<Record<string, readonly string[]>> = {
  namespaces: ['metadata.labels', 'metadata.annotations'],
  serviceaccounts: ['metadata.annotations'],
  services: ['metadata.annotations'],
  ingresses: ['metadata.annotations'],
  storageclasses: ['metadata.annotations'],
  nodes: ['metadata.labels'],
}

/** Fields that programs fill in, or that have changes of their own; which machine a node is, and its range of addresses, is set once, when it joins. */
const NOT_MEANT =
  /^(?:status(?:\.|$)|metadata(?:\.|$)|apiVersion$|kind$|spec\.(?:providerID|podCIDRs?)\b)|\.caBundle$|kubectl\.kubernetes\.io\/last-applied-configuration/

/** What somebody wrote into the specification of anything; templates and numbers of pods are told elsewhere. */
export function* findSpecWrites(incident: Incident, told: readonly RecentChange[]): Generator<RecentChange> {
  const explained = Map.groupBy(told, ({ about }) => keyOf(about))
  for (const resource of incident.resources) {
    if (NOT_CONFIGURED.has(resource)) continue
    for (const object of incident.objects(resource)) yield* writesOf(incident, object, explained)
  }
}

function* writesOf(
  incident: Incident,
  object: KubeObject,
  explained: ReadonlyMap<string, readonly RecentChange[]>,
): Generator<RecentChange> {
  for (const write of recentWrites(incident, object)) {
    const fields = meantFields(object, write)
    if (fields.length === 0 || !isMeant(object, write)) continue
    if (explained.get(keyOf(object.ref))?.some(({ at }) => Math.abs(at - write.at) <= ROLLOUT_LAG_MS)) continue
    const isLabels = fields.every((field) => field.startsWith('metadata.'))
    yield {
      what: isLabels ? 'labels' : 'spec',
      about: object.ref,
      top: incident.topOf(object.ref),
      at: write.at,
      by: write.manager,
      fields,
      says: `${describeRef(object.ref)} was changed by ${write.manager || 'somebody'} (${shorten(fields)}).`,
      cites: [citeWrite(object, write)],
    }
  }
}

/** A node's specification is written by kubelets and controllers; by people through kubectl. */
function isMeant({ group, resource }: KubeObject, { manager, subresource }: Write): boolean {
  const kind = kindOfManager(manager)
  if (subresource === 'status' || subresource === 'scale' || kind === 'controller') return false
  return kind !== 'unknown' || ((group === '' || BUILT_IN.test(group)) && resource !== 'nodes')
}

function meantFields(object: KubeObject, { fields }: Write): readonly string[] {
  const metadata = MEANINGFUL_METADATA[object.resource] ?? []
  const toldElsewhere = object.resource === 'deployments' && isReconciled(object) ? 'spec.template' : undefined
  return fields
    .filter(
      (field) =>
        (!NOT_MEANT.test(field) && field !== 'spec.replicas') ||
        metadata.some((root) => field.startsWith(`${root}.`) && !field.includes('last-applied-configuration')),
    )
    .filter((field) => toldElsewhere === undefined || !field.startsWith(toldElsewhere))
    .slice(0, 20)
}

/** Whether a Deployment's controller has acted on what is written: a new template would have made a ReplicaSet. */
function isReconciled({ json }: KubeObject): boolean {
  const [wanted, seen] = [numberAt(json, 'metadata', 'generation'), numberAt(json, 'status', 'observedGeneration')]
  return !isTrueAt(json, 'spec', 'paused') && wanted === seen
}

function shorten(fields: readonly string[]): string {
  return fields.length <= 3
    ? fields.join(', ')
    : `${fields.slice(0, 3).join(', ')} and ${fields.length - 3} more fields`
}
