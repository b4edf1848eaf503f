import type { Report } from '../rca/report.ts'

/** Kinds of evidence that are missing, by the words for how much is missing and why: each reason is told once. */
export function groupGaps(
  coverage: Report['coverage'],
  tellWhy: (why: string) => string,
): readonly (readonly [reason: string, kinds: readonly string[]])[] {
  const reasons = Map.groupBy(
    coverage,
    ({ how, why }) => `${how === 'none' ? 'Not in the bundle' : 'Only in part in the bundle'} (${tellWhy(why)})`,
  )
  return [...reasons].map(([reason, gaps]) => [reason, gaps.map(({ evidence }) => evidence)])
}
