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

  function add({ ref, owners }: KubeObject): void {
    const owner = owners.find((one) => one.controller) ?? owners[0]
    if (!owner || owner.kind === 'Node') return
    parents.set(keyOf(ref), refOf(owner, ref.namespace))
  }

  function topOf(ref: Ref): Ref {
    let top = withoutContainer(ref)
    for (let step = 0; step < LONGEST_CHAIN; step++) {
      const parent = parents.get(keyOf(top)) ?? guessParent(top)
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

function withoutContainer({ container: _, ...ref }: Ref): Ref {
  return ref
}
