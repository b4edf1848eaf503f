import type { Incident } from './incident.ts'
import { isTrueAt, numberAt, textAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import { keyOf } from './reference.ts'
import { latest } from './telling.ts'
import type { Workload } from './workload.ts'
import { writtenAt } from './written-at.ts'

/** A workload gets its first pod within seconds; a controller that is behind needs a while. */
const PATIENCE = 2 * 60 * 1000

/** Whether a workload wants pods and has none at all, by its own status too, and not only since a moment. */
export function isPodless(incident: Incident, workload: Workload): workload is Podless {
  const { ref, object, desired = 0, pods } = workload
  if (!object || desired === 0 || object.deleted !== undefined || !KINDS.has(ref.kind)) return false
  const { json } = object
  if (isTrueAt(json, 'spec', 'paused') || !incident.coverage.isComplete('pods', ref.namespace)) return false
  const isObserved = numberAt(json, 'status', 'observedGeneration') === numberAt(json, 'metadata', 'generation')
  const counted = numberAt(json, 'status', ref.kind === 'DaemonSet' ? 'currentNumberScheduled' : 'replicas') ?? 0
  if (!isObserved || counted > 0 || pods.some((pod) => isThere(workload, pod))) return false
  return incident.now - askedAt(incident, object) > PATIENCE
}

/** One whose object is known. */
export type Podless = Workload & { readonly object: KubeObject }

const KINDS = new Set(['Deployment', 'StatefulSet', 'DaemonSet'])

/** A pod on its way out counts where its successor waits until it is gone: the name is taken, or the strategy says so. */
function isThere({ ref, object }: Workload, { deleted, phase }: Workload['pods'][number]): boolean {
  if (deleted === undefined) return phase !== 'Failed'
  return ref.kind === 'StatefulSet' || textAt(object?.json, 'spec', 'strategy', 'type') === 'Recreate'
}

/** When the pods were asked for: the object was made, its spec was written, or it was scaled, by who wrote it or by what its controller said. */
function askedAt({ changes }: Incident, object: KubeObject): number {
  const scaled = changes.filter(({ what, about }) => what === 'scale' && keyOf(about) === keyOf(object.ref))
  return latest([writtenAt(object), ...scaled.map(({ at }) => at)]) ?? 0
}
