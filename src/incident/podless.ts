import type { Incident } from './incident.ts'
import { isTrueAt, numberAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import type { Workload } from './workload.ts'

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
  const isThere = pods.some(({ deleted, phase }) => deleted === undefined && phase !== 'Failed')
  return isObserved && counted === 0 && !isThere && incident.now - (object.created ?? 0) > PATIENCE
}

/** One whose object is known. */
export type Podless = Workload & { readonly object: KubeObject }

const KINDS = new Set(['Deployment', 'StatefulSet', 'DaemonSet'])
