import type { Citations } from './citation.ts'
import type { Incident } from './incident.ts'
import type { Ref } from './reference.ts'

/** A workload that calls another one, or a host outside, by evidence. */
export interface Dependency {
  /** The caller's workload. */
  readonly from: Ref
  /** A Service, or `{kind: 'Host', name: 'db.example.com'}` where it is no Service of the cluster. */
  readonly to: Ref
  /** What tells it: an env value or argument, a failed call in a log, a route. */
  readonly by: 'env' | 'argument' | 'log' | 'route' | 'network-policy'
  /** Whether calls fail, by the caller's log. */
  readonly failing: boolean
  /** When the first failing call was logged. */
  readonly first: number | undefined
  readonly says: string
  readonly cites: Citations
}

/** Finds who calls whom. */
export function findDependencies(_incident: Incident): readonly Dependency[] {
  return []
}
