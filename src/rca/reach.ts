import type { Fact } from './fact.ts'
import type { Graph, Step } from './graph.ts'

/** What a fact leads to: each with how sure that is, 0 to 1000, and the last step of the best way there. */
export interface Reach {
  readonly sure: ReadonlyMap<Fact, number>
  readonly steps: ReadonlyMap<Fact, Step>
}

/** How sure a step leaves us, in thousandths: 0.8 a hop (failures.md §5.1), and less the less likely the edge. */
const LEFT: Readonly<Record<Step['how'], number>> = { certain: 1000, likely: 900, possible: 600 }
const HOP = 800

/** Follows the graph from a fact, the best way to each other fact that is not older than it. The first hop costs nothing. */
export function reachFrom(graph: Graph, start: Fact): Reach {
  const sure = new Map<Fact, number>([[start, 1000]])
  const steps = new Map<Fact, Step>()
  const queue: { fact: Fact; hops: number }[] = [{ fact: start, hops: 0 }]
  for (let next = queue.shift(); next; next = queue.shift()) {
    for (const step of graph.leadsTo.get(next.fact) ?? []) {
      const left = Math.round(
        ((sure.get(next.fact) ?? 0) * LEFT[step.how] * (next.hops === 0 ? 1000 : HOP)) / 1_000_000,
      )
      if (left <= (sure.get(step.to) ?? 0) || graph.isTooLate(start, step.to)) continue
      sure.set(step.to, left)
      steps.set(step.to, step)
      queue.push({ fact: step.to, hops: next.hops + 1 })
    }
  }
  return { sure, steps }
}

/** The way from the start of a reach to a fact. */
export function wayTo(reach: Reach, goal: Fact): readonly Step[] {
  const way: Step[] = []
  for (let step = reach.steps.get(goal); step && way.length < 20; step = reach.steps.get(step.from)) way.unshift(step)
  return way
}

/** Steps of a told chain at most, and ways that are looked at to find it: a chain is to be read, not complete. */
const LONGEST_WAY = 6
const MOST_WAYS = 2000

/**
 * The way from a fact to a goal that explains most: through as many causes and mechanisms as there are, then by as few symptoms as there need
 * be. Falls back to the surest way.
 */
export function tellingWay(graph: Graph, reach: Reach, start: Fact, goal: Fact): readonly Step[] {
  let best: readonly Step[] = wayTo(reach, goal)
  let looked = 0
  const walk = (fact: Fact, way: readonly Step[]): void => {
    if (fact === goal) {
      if (isMoreTelling(way, best)) best = way
      return
    }
    for (const step of graph.leadsTo.get(fact) ?? []) {
      if (++looked > MOST_WAYS || way.length >= LONGEST_WAY) return
      const isBack = step.to === start || !reach.sure.has(step.to) || way.some(({ to }) => to === step.to)
      if (!isBack && step.how !== 'possible' && step.to.finding.symptom !== 'warnings') walk(step.to, [...way, step])
    }
  }
  walk(start, [])
  return best
}

function isMoreTelling(a: readonly Step[], b: readonly Step[]): boolean {
  const mechanisms = (way: readonly Step[]) => way.filter(({ to }) => to.finding.kind !== 'symptom').length
  return mechanisms(a) > mechanisms(b) || (mechanisms(a) === mechanisms(b) && a.length < b.length)
}

/** The symptoms that a fact leads to, worst first. */
export function symptomsIn({ sure }: Reach): readonly Fact[] {
  return [...sure.keys()].filter(({ finding }) => finding.kind === 'symptom').sort(byWeight)
}

/** Worst first, then in the order of facts. */
export function byWeight(a: Fact, b: Fact): number {
  return b.weight - a.weight || a.index - b.index
}
