import type { Incident } from '../incident/incident.ts'
import type { Candidate } from './candidate.ts'
import { nameCause } from './name-cause.ts'

/** What would decide further: between the first two causes, and what a finding lacks. */
export function suggestNext({ coverage }: Incident, candidates: readonly Candidate[]): readonly string[] {
  const [first, second] = candidates
  const lines: string[] = []
  if (first) lines.push(...helpFor(coverage, first))
  if (first && second?.rivals.includes(first.fact)) {
    const kinds = [...new Set([...(first.fact.rule.helps ?? []), ...(second.fact.rule.helps ?? [])])].filter(
      (kind) => coverage.of(kind).how !== 'all',
    )
    if (kinds.length > 0)
      lines.push(`${kinds.join(', ')} would decide between ${nameCause(first.fact)} and ${nameCause(second.fact)}.`)
  }
  for (const missing of candidates.slice(0, 3).flatMap(({ fact }) => fact.finding.missing ?? [])) lines.push(missing)
  return [...new Set(lines)]
}

function helpFor(coverage: Incident['coverage'], { fact }: Candidate): readonly string[] {
  if (fact.finding.strength === 'proof') return []
  const kinds = (fact.rule.helps ?? []).filter((kind) => coverage.of(kind).how !== 'all')
  return kinds.length === 0 ? [] : [`${kinds.join(', ')} would prove or refute ${nameCause(fact)}.`]
}
