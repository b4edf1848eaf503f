import { parseTime, textAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'

/** How far the clocks of nodes are from the API server's, in milliseconds; positive: the node's clock is ahead. */
export interface Clocks {
  /** Of a node; 0 where nothing tells it. */
  offsetOf(node: string): number
  /** How exactly two times can be compared: twice the largest offset, at least 5 s, because times are written in whole seconds. */
  readonly tolerance: number
  readonly offsets: ReadonlyMap<string, number>
}

/** Offsets below this are how late a lease's write arrives, and the second that the API server rounds to. */
const SMALLEST = 3000

/** A change this much later than a symptom, or more, cannot be its cause (failures.md §3, guards). */
const LEAST_TOLERANCE = 5000

/**
 * Estimates clocks from the leases of nodes: `spec.renewTime` is the kubelet's clock, the time of the write in managedFields the API
 * server's. `leases` are those of `kube-node-lease`.
 */
export function readClocks(leases: readonly KubeObject[]): Clocks {
  const offsets = new Map<string, number>()
  for (const lease of leases) {
    const renewed = parseTime(textAt(lease.json, 'spec', 'renewTime'))
    const written = lease.writes.filter(({ fields }) => fields.some((field) => field.startsWith('spec'))).at(-1)?.at
    if (lease.ref.namespace !== 'kube-node-lease' || renewed === undefined || written === undefined) continue
    const offset = renewed - written
    if (Math.abs(offset) >= SMALLEST) offsets.set(lease.ref.name, offset)
  }
  const largest = Math.max(0, ...[...offsets.values()].map(Math.abs))
  return {
    offsets,
    offsetOf: (node) => offsets.get(node) ?? 0,
    tolerance: Math.max(LEAST_TOLERANCE, 2 * largest),
  }
}
