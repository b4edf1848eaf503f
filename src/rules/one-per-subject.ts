import { atLeastOne } from '../incident/citation.ts'
import { keyOf, uniqueRefs } from '../incident/reference.ts'
import type { Finding } from './rule.ts'

/** Places that one finding cites at most. */
const MOST_CITED = 5

const STRENGTHS = ['proof', 'strong', 'weak'] as const

/** Joins findings about one subject: the strongest speaks, what suffers from any of them suffers. */
export function onePerSubject(findings: Iterable<Finding>): readonly Finding[] {
  const groups = Map.groupBy(findings, ({ subject }) => keyOf(subject))
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, same]) => join(same))
}

function join(same: readonly Finding[]): Finding {
  const sorted = [...same].sort((a, b) => STRENGTHS.indexOf(a.strength) - STRENGTHS.indexOf(b.strength))
  const [first] = sorted as [Finding, ...Finding[]]
  if (same.length === 1) return first
  const times = same.map(({ from }) => from).filter((at) => at !== undefined)
  return {
    ...first,
    from: times.length > 0 ? Math.min(...times) : undefined,
    cites: atLeastOne(sorted.flatMap(({ cites }) => cites).slice(0, MOST_CITED)),
    affects: uniqueRefs(same.flatMap(({ affects }) => affects ?? [])),
  }
}
