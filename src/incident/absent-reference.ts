import { type Citation, cite } from './citation.ts'
import type { EvidenceKind } from './coverage.ts'
import type { Incident } from './incident.ts'
import { listAt, recordAt, textAt } from './kubernetes.ts'
import type { Pod } from './pod.ts'
import { readUses, type Use } from './uses.ts'
import { CREATING_REASONS, waitingContainer } from './waiting.ts'
import type { Workload } from './workload.ts'

/** Something that a spec names and that is not in the cluster, by complete lists; Secrets are never listed completely enough to say so. */
export interface Absent {
  readonly kind: 'ConfigMap' | 'PersistentVolumeClaim' | 'ServiceAccount' | 'PriorityClass' | 'RuntimeClass'
  readonly name: string
  /** The key that is missing in the object, which is there. */
  readonly key?: string
  readonly citation: Citation
}

/** What keeps the containers of a pod from being made, seen by its spec alone: events are kept for an hour, and states without words say nothing. */
export function absentForPod(incident: Incident, pod: Pod): readonly Absent[] {
  const creating = waitingContainer(pod, CREATING_REASONS)
  const waiting = waitingContainer(pod, ['CreateContainerConfigError'])
  return pod.uses.flatMap((use) => {
    const isBlocking = isOfEnvironment(use)
      ? use.container === waiting?.name
      : creating !== undefined && isOfVolume(pod, use)
    const absent = isBlocking && !use.optional ? absentOf(incident, pod, use) : undefined
    return absent ?? []
  })
}

/** The claims that a pod without a node names and that nobody made. */
export function absentClaims(incident: Incident, pod: Pod): readonly Absent[] {
  return pod.uses.flatMap((use) => (use.how === 'claim' ? (absentOf(incident, pod, use) ?? []) : []))
}

function isOfEnvironment({ how }: Use): boolean {
  return how === 'env' || how === 'envFrom'
}

/** An account is missed by the token that the kubelet asks for in its name. */
function isOfVolume({ json }: Pod, { how, kind }: Use): boolean {
  if (how === 'volume' || how === 'subPath') return true
  const sources = listAt(json, 'spec', 'volumes').flatMap((volume) => listAt(volume, 'projected', 'sources'))
  return kind === 'ServiceAccount' && sources.some((source) => 'serviceAccountToken' in recordAt(source))
}

const RESOURCES: Readonly<Record<Absent['kind'], EvidenceKind>> = {
  ConfigMap: 'configmaps',
  PersistentVolumeClaim: 'persistentvolumeclaims',
  ServiceAccount: 'serviceaccounts',
  PriorityClass: 'priorityclasses.scheduling.k8s.io',
  RuntimeClass: 'runtimeclasses.node.k8s.io',
}

function absentOf(incident: Incident, pod: Pod, { kind, name, key, path }: Use): Absent | undefined {
  const { namespace } = pod.ref
  if (kind === 'Secret' || !incident.coverage.isComplete(RESOURCES[kind], namespace)) return undefined
  const found = incident.find(kind, namespace, name)
  if (!found) return { kind, name, citation: cite(pod, path) }
  if (kind !== 'ConfigMap' || key === undefined || !('data' in found.json)) return undefined
  const isThere = key in recordAt(found.json, 'data') || key in recordAt(found.json, 'binaryData')
  return isThere ? undefined : { kind, name, key, citation: cite(pod, path) }
}

/** Every namespace gets its `default`, and the API server brings its own classes. */
const BUILT_IN = /^(?:default|system-(?:cluster|node)-critical)$/

/** Without any of these the API server refuses each pod of a workload. */
export function absentForPods(incident: Incident, { object, ref }: Workload): readonly Absent[] {
  const template = ['spec', 'template', 'spec']
  const spec = recordAt(object?.json, ...template)
  const account = readUses(spec, template).find(({ how }) => how === 'account')
  const named = [
    { kind: 'ServiceAccount', name: account?.name ?? '', namespace: ref.namespace, field: 'serviceAccountName' },
    {
      kind: 'PriorityClass',
      name: textAt(spec, 'priorityClassName'),
      namespace: undefined,
      field: 'priorityClassName',
    },
    { kind: 'RuntimeClass', name: textAt(spec, 'runtimeClassName'), namespace: undefined, field: 'runtimeClassName' },
  ] as const
  return named.flatMap(({ kind, name, namespace, field }) => {
    const isKnown = incident.coverage.isComplete(RESOURCES[kind], namespace)
    if (!object || !isKnown || name === '' || BUILT_IN.test(name) || incident.find(kind, namespace, name)) return []
    return [{ kind, name, citation: cite(object, [...template, field]) }]
  })
}
