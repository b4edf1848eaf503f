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
  const known = new Set<string>()

  function add({ ref, owners }: KubeObject): void {
    const owner = owners.find((one) => one.controller) ?? owners[0]
    if (NAMING.includes(ref.kind) || (ref.kind === 'Pod' && !owner)) known.add(keyOf(ref))
    if (!owner || owner.kind === 'Node') return
    parents.set(keyOf(ref), refOf(owner, ref.namespace))
  }

  function topOf(ref: Ref): Ref {
    let top = withoutContainer(ref)
    for (let step = 0; step < LONGEST_CHAIN; step++) {
      const parent = parents.get(keyOf(top)) ?? guessParent(top) ?? guessPodOwner(top, known)
      if (!parent || !isWorkloadOwner(top, parent)) return top
      top = parent
    }
    return top
  }

  return { add, topOf }
}

/** A pod belongs to its operator's resource only through what runs it; a Deployment that an operator owns stays what people call it by. */
function isWorkloadOwner(child: Ref, parent: Ref): boolean {
  return child.kind === 'Pod' || parent.kind === 'Deployment' || parent.kind === 'Rollout' || parent.kind === 'CronJob'
}

function refOf(owner: Owner, namespace: string | undefined): Ref {
  return { kind: owner.kind, ...(namespace === undefined ? {} : { namespace }), name: owner.name }
}

/** A ReplicaSet that is gone: `<deployment>-<hash of 8 to 10 letters and digits>` (pkg/controller/deployment/sync.go). */
function guessParent({ kind, namespace, name }: Ref): Ref | undefined {
  const [, deployment] = /^(.+)-[bcdfghjklmnpqrstvwxz2456789]{8,10}$/.exec(name) ?? []
  if (kind !== 'ReplicaSet' || deployment === undefined) return undefined
  return { kind: 'Deployment', ...(namespace === undefined ? {} : { namespace }), name: deployment }
}

/** Kinds that name their pods after themselves. */
const NAMING: readonly string[] = ['StatefulSet', 'DaemonSet', 'Job']

/** A pod that is gone, and only events or logs tell of: `<owner>-<5 letters and digits>`, `<stateful set>-<number>`. */
function guessPodOwner(pod: Ref, known: ReadonlySet<string>): Ref | undefined {
  if (pod.kind !== 'Pod' || known.has(keyOf(pod))) return undefined
  const [, base, suffix = ''] = /^(.+)-([a-z0-9]{5}|\d+)$/.exec(pod.name) ?? []
  if (base === undefined) return undefined
  const owner = NAMING.map((kind) => ({ ...pod, kind, name: base })).find((ref) => known.has(keyOf(ref)))
  if (owner) return owner
  const set = { ...pod, kind: 'ReplicaSet', name: base }
  return suffix.length === 5 && guessParent(set) ? set : undefined
}

function withoutContainer({ container: _, ...ref }: Ref): Ref {
  return ref
}
