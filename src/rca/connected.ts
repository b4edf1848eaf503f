import type { Fact } from './fact.ts'
import type { Graph } from './graph.ts'

/** Tells what is broken in the part of the graph that hangs together with a fact; each part is walked once. */
export function createConnected(graph: Graph): (fact: Fact) => readonly Fact[] {
  const parts = new Map<Fact, readonly Fact[]>()
  return (fact) => {
    const known = parts.get(fact)
    if (known) return known
    const members = connectedTo(graph, [fact])
    const symptoms = [...members].filter(({ weight }) => weight > 0)
    for (const member of members) parts.set(member, symptoms)
    return symptoms
  }
}

/** Everything that hangs together with some facts, however far, and these. */
export function connectedTo({ leadsTo, comesFrom }: Graph, starts: Iterable<Fact>): ReadonlySet<Fact> {
  const seen = new Set(starts)
  // A set gives out what is added while it is walked.
  for (const fact of seen) {
    for (const { to } of leadsTo.get(fact) ?? []) seen.add(to)
    for (const { from } of comesFrom.get(fact) ?? []) seen.add(from)
  }
  return seen
}
