import { conditionOf } from './condition.ts'
import type { Pod } from './pod.ts'

/** Since when a pod is not ready; undefined for one that is, or that does not tell. */
export function unreadySince({ conditions }: Pod): number | undefined {
  const ready = conditionOf(conditions, 'Ready')
  return ready?.status === 'False' ? ready.since : undefined
}

/** The same; of one that was made and never said anything of being ready, since it was made. */
export function unreadyOrMadeSince(pod: Pod): number | undefined {
  return unreadySince(pod) ?? pod.created
}
