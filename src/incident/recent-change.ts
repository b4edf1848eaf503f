import { findConfigWrites } from './changes/configs.ts'
import { findCreations } from './changes/creations.ts'
import { findNodeChanges } from './changes/nodes.ts'
import { findRollouts } from './changes/rollouts.ts'
import { findScales } from './changes/scales.ts'
import { findSpecWrites } from './changes/specs.ts'
import { findSyncs } from './changes/syncs.ts'
import type { Citations } from './citation.ts'
import { compareText } from './compare-text.ts'
import type { Incident } from './incident.ts'
import { keyOf, type Ref } from './reference.ts'

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

/** Finds what changed in the day before the capture and during it, oldest first. */
export function findRecentChanges(incident: Incident): readonly RecentChange[] {
  const told = [...findRollouts(incident), ...findScales(incident), ...findNodeChanges(incident)]
  const changes = [
    ...told,
    ...findCreations(incident),
    ...findConfigWrites(incident),
    ...findSpecWrites(incident, told),
    ...findSyncs(incident),
  ]
  return changes.sort(byTime)
}

function byTime(a: RecentChange, b: RecentChange): number {
  return a.at - b.at || compareText(`${keyOf(a.about)} ${a.what}`, `${keyOf(b.about)} ${b.what}`)
}
