/** Some line of a log that repeats: since when the log goes on, and when and how often the line was said. */
export interface Repeated {
  readonly begin: number | undefined
  readonly first: number | undefined
  readonly last: number | undefined
  readonly count: number
}

/** A log that was silent about something for this long before may have been well. */
const QUIET = 5 * 60 * 1000

/** What comes by chance every so often is silent for five times as long once in 150 times (e^-5). */
const GAPS = 5

/** Whether something is said only since some time after the log began, and was not to be expected before: then it has not always been like that. */
export function hasBegun({ begin, first, last, count }: Repeated): boolean {
  if (begin === undefined || first === undefined || last === undefined || count < 2) return false
  return first - begin >= silenceAfter(first, last, count)
}

/** Whether something is said no more, though the log goes on until `end`, and it was to be expected since. */
export function hasStopped(
  { first, last, count }: { readonly first?: number; readonly last?: number; readonly count: number },
  end: number | undefined,
): boolean {
  if (end === undefined || first === undefined || last === undefined) return false
  return end - last >= silenceAfter(first, last, count)
}

/** How long a log has to be silent about what comes as often as this, before that is no chance. */
function silenceAfter(first: number, last: number, count: number): number {
  const gap = count < 2 ? 0 : (last - first) / (count - 1)
  return Math.max(QUIET, GAPS * gap)
}
