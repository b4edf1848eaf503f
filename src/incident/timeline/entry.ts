import type { Citations } from '../citation.ts'
import type { Incident } from '../incident.ts'
import type { Ref } from '../reference.ts'

/** Something that happened at a known time. */
export interface TimelineEntry {
  /** By the API server's clock, in milliseconds. */
  readonly at: number
  /** How far off `at` may be, in milliseconds. */
  readonly uncertainty: number
  readonly about: Ref
  readonly says: string
  readonly source: 'object' | 'write' | 'condition' | 'container' | 'generation' | 'event' | 'log' | 'watch' | 'capture'
  readonly cites: Citations
}

/** Kubernetes writes most times in whole seconds. */
export const WHOLE_SECOND = 1000

/** How late a lease's write may be against the clock that it is measured by, and the rounding of both times. */
const MEASURED = 3000

/** A time of a node's clock by the API server's, with what the correction may be off by; where nothing tells the node's clock, more. */
export function byNodeClock(
  { clocks, find }: Incident,
  node: string,
  at: number,
): { readonly at: number; readonly uncertainty: number } {
  const offset = clocks.offsetOf(node)
  if (offset !== 0) return { at: at - offset, uncertainty: MEASURED }
  const isMeasured = find('Lease', 'kube-node-lease', node) !== undefined
  return { at, uncertainty: isMeasured ? MEASURED : Math.max(MEASURED, clocks.tolerance) }
}
