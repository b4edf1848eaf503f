/** An object by kind, namespace and name, as people name it; a container of a pod may be added. */
export interface Ref {
  readonly kind: string
  /** Absent for cluster-scoped objects. */
  readonly namespace?: string
  readonly name: string
  readonly container?: string
}

/** A key that is equal for equal references, without the container. */
export function keyOf(ref: Ref): string {
  return `${ref.kind}/${ref.namespace ?? ''}/${ref.name}`
}

/** The cluster as a whole, where nothing smaller is meant. */
export const CLUSTER: Ref = { kind: 'Cluster', name: 'cluster' }

/** `Deployment shop/web`, `Node ip-10-0-0-1`. */
export function describeRef(ref: Ref): string {
  const container = ref.container === undefined ? '' : ` container ${ref.container}`
  return `${ref.kind} ${ref.namespace === undefined ? '' : `${ref.namespace}/`}${ref.name}${container}`
}

/** References once each, in a fixed order. */
export function uniqueRefs(refs: Iterable<Ref>): readonly Ref[] {
  const byKey = new Map<string, Ref>()
  for (const ref of refs) if (!byKey.has(keyOf(ref))) byKey.set(keyOf(ref), ref)
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, ref]) => ref)
}
