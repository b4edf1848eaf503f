import { timeAt } from './kubernetes.ts'
import { RECENT } from './lately.ts'
import type { KubeObject } from './object.ts'

/** Who ends by itself says in one of these when; an end of long ago is history. */
const ENDS = ['completionTimestamp', 'finishedAt', 'completionTime', 'endTime']

/** Kinds that are done once, by their names: what failed stays as it is, and the next try is another object. */
const ONCE =
  /(?:Import|Export|Backup|Restore|Job|Run|Request|Order|Task|Operation|Migration|Workflow|Upgrade|Build|Scan|Test|Execution)$/

/** What has been so for a day is no news (as in rca/standing.ts). */
const DAY = 24 * 60 * 60 * 1000

/** Whether what an object says of its end is history: it ended before this incident, or it is done once and failed more than a day ago. */
export function isOfThePast({ ref, json, created }: KubeObject, since: number | undefined, now: number): boolean {
  const ends = ENDS.flatMap((end) => timeAt(json, 'status', end) ?? [])
  if (ends.some((end) => end < now - RECENT)) return true
  const failed = timeAt(json, 'status', 'failureTime') ?? ends[0] ?? since ?? created
  return ONCE.test(ref.kind) && failed !== undefined && failed < now - DAY
}
