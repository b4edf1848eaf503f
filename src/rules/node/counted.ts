import type { Citation } from '../../incident/citation.ts'
import { citeReading } from '../../incident/counters/reading.ts'
import type { Incident } from '../../incident/incident.ts'

/** Something that a kubelet counted of itself, in words, with its places. */
export interface Counted {
  readonly says: string
  readonly cites: readonly Citation[]
}

/** A relist that takes this long on average is no healthy one's (kubernetes-mixin, KubeletPlegDurationHigh). */
const SLOW_RELIST = 10

/** In this time a kubelet lists its containers many times: it does so every second, or at least after five minutes where it gets events. */
const LONG_ENOUGH = 20

/** Relists that took very long between the samples, or of which none was finished; undefined for a kubelet that relists as it should. */
export function slowRelist(incident: Incident, node: string): Counted | undefined {
  const kubelet = incident.counters.of(node)?.kubelet
  const [sum] = kubelet?.series('kubelet_pleg_relist_duration_seconds_sum') ?? []
  const [number] = kubelet?.series('kubelet_pleg_relist_duration_seconds_count') ?? []
  const [seconds, relists] = [sum?.growth, number?.growth]
  if (!seconds || !relists || relists.delta === 0) return undefined
  const mean = seconds.delta / relists.delta
  if (mean < SLOW_RELIST || relists.seconds < LONG_ENOUGH) return undefined
  return {
    says: `its kubelet took ${Math.round(mean)} s on average to list its containers within ${Math.round(relists.seconds)} s`,
    cites: [citeReading(seconds.after), citeReading(relists.after)],
  }
}

/** Questions that need nothing but a runtime that answers: no image, no pod and no plugin of anybody can make them fail. */
const PLAIN = new Set(['list_containers', 'list_podsandbox', 'version', 'status'])

/** Fewer refusals are a restart of the runtime (judgement: the kubelet lists every second). */
const FEWEST_FAILED = 5

/** Plain questions to the runtime that failed between the samples: most of them, and more than a few. */
export function failedRuntimeCalls(incident: Incident, node: string): Counted | undefined {
  const kubelet = incident.counters.of(node)?.kubelet
  const grown = (name: 'kubelet_runtime_operations_total' | 'kubelet_runtime_operations_errors_total') =>
    (kubelet?.series(name) ?? []).flatMap(({ labels, growth }) =>
      growth && PLAIN.has(labels.operation_type ?? '') ? [growth] : [],
    )
  const failed = grown('kubelet_runtime_operations_errors_total').sort((a, b) => b.delta - a.delta)
  const failures = failed.reduce((sum, { delta }) => sum + delta, 0)
  const asked = grown('kubelet_runtime_operations_total').reduce((sum, { delta }) => sum + delta, 0)
  const [most] = failed
  if (!most || failures < FEWEST_FAILED || failures < asked / 2) return undefined
  return {
    says: `${failures} of ${Math.max(asked, failures)} plain questions of its kubelet to the runtime failed within ${Math.round(most.seconds)} s`,
    cites: [citeReading(most.after), citeReading(most.before)],
  }
}
