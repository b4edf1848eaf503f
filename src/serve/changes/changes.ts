import type { CapturedResource } from '../captured.ts'
import type { Listing } from '../listing.ts'
import type { Recording } from './recording.ts'
import type { Source } from './source.ts'
import { linkSteps, type Step } from './steps.ts'

/** What happens after a list, for whoever watches. */
export interface Changes {
  /** The list that the steps follow on. */
  readonly base: Listing
  readonly steps: readonly Step[]
  /** What the recording lacks, in a clause each. */
  readonly warnings: readonly string[]
  /** Milliseconds until what was recorded at this moment is due; 0 where it is. */
  until(at: number): number
}

/** The recorded changes that are newer than the captured list, due when `until` says. */
export async function followList(
  source: Source,
  resource: CapturedResource,
  until: (at: number) => number,
): Promise<Changes> {
  const base = await source.list(resource)
  const recording = await source.recording(resource)
  return { base, steps: linkSteps(base, recording.changes), warnings: describeBreaks(recording, source.offset), until }
}

/** Gaps named one by one; of more there is only the number. */
const MOST_GAPS = 3

/** What a recording lacks, in a clause each; times are the server's. */
export function describeBreaks({ gaps, damage }: Recording, offset: number): readonly string[] {
  const named = gaps.slice(0, MOST_GAPS).map(({ at, reason }) => `${new Date(at + offset).toISOString()} (${reason})`)
  const more = gaps.length > named.length ? ` and ${gaps.length - named.length} more times` : ''
  const broken = `the recorded changes may lack some: the watch broke off at ${named.join(', ')}${more}`
  return [...(gaps.length > 0 ? [broken] : []), ...damage]
}
