import type { Incident } from '../incident/incident.ts'
import type { RecentChange } from '../incident/recent-change.ts'
import type { Candidate } from './candidate.ts'
import { onsetOf } from './triggers.ts'

/** Who looks for what changed asks for the last half hour first (judgement; a rollout takes minutes to show). */
const AROUND_MS = 30 * 60 * 1000

/** The nearest of them; a release day has hundreds. */
const MOST = 8

/** What somebody does to what is there; what is made or goes with it is no change of something that worked. */
const DELIBERATE: ReadonlySet<RecentChange['what']> = new Set(['rollout', 'restart', 'scale', 'config', 'spec', 'sync'])

/** What else was changed shortly before the best cause was seen, and since: nothing says that it has to do with it. */
export function otherChanges(incident: Incident, candidates: readonly Candidate[]): readonly RecentChange[] {
  const [best] = candidates
  const onset = best && onsetOf(best.fact, best.symptoms)
  if (onset === undefined) return []
  const triggers = new Set(candidates.flatMap((one) => one.triggers))
  return incident.changes
    .filter((change) => DELIBERATE.has(change.what) && change.at >= onset - AROUND_MS && !triggers.has(change))
    .sort((a, b) => Math.abs(a.at - onset) - Math.abs(b.at - onset) || a.at - b.at)
    .slice(0, MOST)
}
