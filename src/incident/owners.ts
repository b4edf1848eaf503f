import type { KubeObject, Owner } from './object.ts'
import { keyOf, type Ref } from './reference.ts'

/** Finds the top of owner chains: the Deployment of a pod, the CronJob of a Job's pod, the custom resource behind both. */
export interface Owners {
  add(object: KubeObject): void
  topOf(ref: Ref): Ref
}

/** Chains are this long at most; a longer one is a circle that a stranger made. */
const LONGEST_CHAIN = 8

/** Collects owner references; objects that are gone are followed by their names where Kubernetes builds these in a known way. */
export function createOwners(): Owners {
  const parents = new Map<string, Ref>()
  const makers = new Map<string, Ref>()
  const known = new Set<string>()

  function add({ ref, owners, labels }: KubeObject): void {
    const owner = owners.find((one) => one.controller) ?? owners[0]
    if (isThere(ref.kind, owner !== undefined)) known.add(keyOf(ref))
    if (!owner || owner.kind === 'Node') return
    const parent = refOf(owner, ref.namespace)
    parents.set(keyOf(ref), parent)
    const maker = parent.kind === 'ReplicaSet' ? makerOf(parent, labels) : undefined
    if (maker) makers.set(keyOf(parent), maker)
  }

  /** A ReplicaSet that was not captured, or is gone. */
  function guessMaker(set: Ref): Ref | undefined {
    if (set.kind !== 'ReplicaSet' || known.has(keyOf(set))) return undefined
    const maker = makers.get(keyOf(set))
    const isSure = maker !== undefined && (maker.kind === 'Rollout' || known.has(keyOf(maker)))
    return isSure ? maker : (knownParent(set, known) ?? guessParent(set))
  }

  function topOf(ref: Ref): Ref {
    let top = withoutContainer(ref)
    for (let step = 0; step < LONGEST_CHAIN; step++) {
      const parent = parents.get(keyOf(top)) ?? guessMaker(top) ?? guessPodOwner(top, known)
      if (!parent || !isWorkloadOwner(top, parent)) return top
      top = parent
    }
    return top
  }

  return { add, topOf }
}

/** Letters and digits of which a hash is made (k8s.io/apimachinery/pkg/util/rand, SafeEncodeString). */
const SHORT = /^(.+)-[bcdfghjklmnpqrstvwxz2456789]{1,10}$/

/** A hash may be short: then a Deployment has to be there that the rest of the name is of. */
function knownParent(set: Ref, known: ReadonlySet<string>): Ref | undefined {
  const [, name] = SHORT.exec(set.name) ?? []
  const deployment = name === undefined ? undefined : { ...set, kind: 'Deployment', name }
  return deployment && known.has(keyOf(deployment)) ? deployment : undefined
}

/** A pod belongs to its operator's resource only through what runs it; a Deployment that an operator owns stays what people call it by. */
function isWorkloadOwner(child: Ref, parent: Ref): boolean {
  return child.kind === 'Pod' || parent.kind === 'Deployment' || parent.kind === 'Rollout' || parent.kind === 'CronJob'
}

function refOf(owner: Owner, namespace: string | undefined): Ref {
  return { kind: owner.kind, ...(namespace === undefined ? {} : { namespace }), name: owner.name }
}

/** What alone sets a label to the hash with which the names of its ReplicaSets end (pkg/controller/deployment, argo-rollouts utils/replicaset). */
const MAKERS: readonly (readonly [string, string])[] = [
  ['rollouts-pod-template-hash', 'Rollout'],
  ['pod-template-hash', 'Deployment'],
]

/** Who made a ReplicaSet, by the labels of its pods: hashes are shorter than usual now and then. */
function makerOf(set: Ref, labels: KubeObject['labels']): Ref | undefined {
  for (const [label, kind] of MAKERS) {
    const end = `-${labels[label] ?? ''}`
    if (end !== '-' && set.name.endsWith(end) && set.name !== end)
      return { ...set, kind, name: set.name.slice(0, -end.length) }
  }
  return undefined
}

/** A ReplicaSet that is gone: `<deployment>-<hash of 8 to 10 letters and digits>` (pkg/controller/deployment/sync.go). */
function guessParent({ kind, namespace, name }: Ref): Ref | undefined {
  const [, deployment] = /^(.+)-[bcdfghjklmnpqrstvwxz2456789]{8,10}$/.exec(name) ?? []
  if (kind !== 'ReplicaSet' || deployment === undefined) return undefined
  return { kind: 'Deployment', ...(namespace === undefined ? {} : { namespace }), name: deployment }
}

/** Kinds that name their pods after themselves. */
const NAMING: readonly string[] = ['StatefulSet', 'DaemonSet', 'Job']

/** What guesses are held against: who may be an owner, and who says that it has none. */
function isThere(kind: string, isOwned: boolean): boolean {
  return NAMING.includes(kind) || kind === 'Deployment' || (!isOwned && (kind === 'Pod' || kind === 'ReplicaSet'))
}

/** A pod that is gone, and only events or logs tell of: `<owner>-<5 letters and digits>`, `<stateful set>-<number>`. */
function guessPodOwner(pod: Ref, known: ReadonlySet<string>): Ref | undefined {
  if (pod.kind !== 'Pod' || known.has(keyOf(pod))) return undefined
  const [, base, suffix = ''] = /^(.+)-([a-z0-9]{5}|\d+)$/.exec(pod.name) ?? []
  if (base === undefined) return undefined
  const owner = NAMING.map((kind) => ({ ...pod, kind, name: base })).find((ref) => known.has(keyOf(ref)))
  if (owner) return owner
  const set = { ...pod, kind: 'ReplicaSet', name: base }
  return suffix.length === 5 && (knownParent(set, known) ?? guessParent(set)) ? set : undefined
}

function withoutContainer({ container: _, ...ref }: Ref): Ref {
  return ref
}
