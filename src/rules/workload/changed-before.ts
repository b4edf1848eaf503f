import type { Incident } from '../../incident/incident.ts'
import { keyOf, type Ref } from '../../incident/reference.ts'

/** Whether a workload, or what its pods use, was changed shortly before something was first said; that it was scaled is no change. */
export function wasChangedBefore(incident: Incident, workload: Ref, first: number | undefined): boolean {
  if (first === undefined) return false
  const used = new Set(
    (incident.workloadOf(workload)?.pods ?? []).flatMap((pod) =>
      incident.usesOf(pod).map(({ kind, name }) => `${kind}/${pod.ref.namespace ?? ''}/${name}`),
    ),
  )
  return incident.changes.some(
    ({ at, about, top, what }) =>
      what !== 'scale' &&
      at >= first - SOON &&
      at <= first + incident.clocks.tolerance &&
      (keyOf(top) === keyOf(workload) || used.has(keyOf(about))),
  )
}

/** A change this long before the first refusal can be why. */
const SOON = 30 * 60 * 1000
