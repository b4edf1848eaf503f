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
      (kind) => coverage.ofNodes(kind, nodesOf(first, second)).how !== 'all',
    )
    if (kinds.length > 0)
      lines.push(`${kinds.join(', ')} would decide between ${nameCause(first.fact)} and ${nameCause(second.fact)}.`)
  }
  for (const missing of candidates.slice(0, 3).flatMap(({ fact }) => fact.finding.missing ?? [])) lines.push(missing)
  return [...new Set(lines)]
}

/** The nodes that candidates are about. */
function nodesOf(...candidates: readonly Candidate[]): readonly string[] {
  return [...new Set(candidates.flatMap(({ fact }) => [...fact.nodes]))].sort()
}

function helpFor(coverage: Incident['coverage'], candidate: Candidate): readonly string[] {
  const { fact } = candidate
  if (fact.finding.strength === 'proof') return []
  const nodes = nodesOf(candidate)
  const kinds = (fact.rule.helps ?? []).filter((kind) => coverage.ofNodes(kind, nodes).how !== 'all')
  return kinds.length === 0 ? [] : [`${kinds.join(', ')} would prove or refute ${nameCause(fact)}.`]
}
