import type { Incident } from '../incident/incident.ts'
import { isFailing, isHealthy } from '../incident/pod.ts'
import { type SharedTrait, sharedTraits } from '../incident/shared-trait.ts'
import type { Finding } from '../rules/rule.ts'

/** Traits that are told; the first separates best. */
const MOST = 3

/** What the failing pods of a symptom have in common against those that are well: where to look when nothing says why. */
export function commonTraits(incident: Incident, { affects = [] }: Finding): readonly SharedTrait[] {
  const failing = affects.map((ref) => incident.podOf(ref)).filter((pod) => pod !== undefined && isFailing(pod))
  const healthy = incident.pods.filter((pod) => pod.phase === 'Running' && isHealthy(pod))
  return sharedTraits(
    incident,
    failing.filter((pod) => pod !== undefined),
    healthy,
  ).slice(0, MOST)
}
