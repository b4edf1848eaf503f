import type { Citation } from '../../incident/citation.ts'
import { atLeastOne } from '../../incident/citation.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf, type Ref } from '../../incident/reference.ts'
import { count, earliest, latest } from '../../incident/telling.ts'
import type { Explanation, Finding, Strength, SymptomClass } from '../rule.ts'

/** Places that one symptom cites at most: the reader wants the words, not every pod. */
const MOST_CITED = 3

/** A pod that shows a symptom, with the place that says so. */
export interface Seen {
  readonly pod: Pod
  readonly since: number | undefined
  readonly words: string
  readonly citation: Citation
}

/** Makes one symptom for each workload of what its pods show, `describe` saying it in a sentence. */
export function* symptomsOf(
  symptom: SymptomClass,
  seen: Iterable<Seen>,
  describe: (workload: Ref, seen: readonly Seen[]) => string,
  strengthOf: (seen: readonly Seen[]) => Strength = () => 'proof',
): Generator<Finding> {
  const groups = Map.groupBy(seen, ({ pod }) => keyOf(pod.workload))
  for (const [, members] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [{ pod }] = members as [Seen, ...Seen[]]
    yield {
      kind: 'symptom',
      symptom,
      subject: pod.workload,
      strength: strengthOf(members),
      from: earliest(members.map(({ since }) => since)),
      lastFrom: latest(members.map(({ since }) => since)),
      says: describe(pod.workload, members),
      cites: atLeastOne(members.slice(0, MOST_CITED).map(({ citation }) => citation)),
      affects: [...new Map(members.map(({ pod: { ref } }) => [keyOf(ref), ref])).values()],
    }
  }
}

/** How many different pods were seen. */
export function countPods(seen: readonly Seen[]): string {
  return count(new Set(seen.map(({ pod }) => keyOf(pod.ref))).size, 'pod')
}

/** What symptoms explain of themselves: they are what is to be explained. */
export function symptomExplanation(mechanism: string, proof: string): Explanation {
  return { mechanism, proof: [proof], lookAlikes: [], mitigate: [], fix: [] }
}
