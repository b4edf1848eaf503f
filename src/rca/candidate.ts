import type { Incident } from '../incident/incident.ts'
import type { RecentChange } from '../incident/recent-change.ts'
import { DOMAINS } from '../rules/rule.ts'
import { createConnected } from './connected.ts'
import type { Likelihood } from './edges.ts'
import { type Fact, WORTH_A_CAUSE } from './fact.ts'
import { canCause, type Graph, isLater } from './graph.ts'
import { isSeenLate } from './order.ts'
import { type Reach, reachFrom, symptomsIn } from './reach.ts'
import { REASONLESS } from './reasonless.ts'
import type { Points } from './report.ts'
import { scoreOf } from './score.ts'
import { isStale, isUnfelt } from './standing.ts'
import { findTriggers } from './triggers.ts'

/** A possible root cause, with everything that speaks for and against it. */
export interface Candidate {
  readonly fact: Fact
  readonly reach: Reach
  /** Worst first. */
  readonly symptoms: readonly Fact[]
  readonly triggers: readonly RecentChange[]
  readonly parts: readonly Points[]
  readonly total: number
  /** Candidates that explain the same symptoms, and are not a part of its chain. */
  readonly rivals: readonly Fact[]
  /** Whether something is broken, or logged to fail, that it explains. */
  readonly isBroken: boolean
  /** Whether the oldest trace of it is younger than all that it is to have broken elsewhere: its order is not known. */
  readonly isLate: boolean
  /** Whether nobody is seen to suffer from it, or it is long known: what is only so. */
  readonly isUnfelt: boolean
  /** Whether it has long been so, and something else broke since: it comes after what explains that. */
  readonly isStale: boolean
}

/** Finds what can be a root, and scores it. A symptom that nothing explains is a candidate itself: its cause is not in the bundle. */
export function findCandidates(incident: Incident, graph: Graph): readonly Candidate[] {
  const { tolerance } = incident.clocks
  const causes = graph.facts.filter((fact) => canCause(fact) && !isMereTrigger(fact))
  const reaches = new Map(causes.map((fact) => [fact, reachFrom(graph, fact)]))
  const roots = withoutUmbrellas(
    graph,
    causes.filter((fact) => !isDominated(graph, reaches, fact, tolerance)),
  )
  const explained = new Set(roots.flatMap((root) => [...(reaches.get(root)?.sure.keys() ?? [])]))
  const left = graph.facts.filter((fact) => isUnexplained(graph, explained, fact, tolerance))
  for (const fact of left) reaches.set(fact, reachFrom(graph, fact))
  const broken = graph.facts.filter(({ weight }) => weight >= WORTH_A_CAUSE)
  const reaching = [...roots, ...left].map((fact): Reaching => {
    const reach = reaches.get(fact) as Reach
    return { fact, reach, symptoms: symptomsIn(reach) }
  })
  const around = createConnected(graph)
  return reaching.map((one) => judge(incident, one, reaching, around, broken)).sort(byScore)
}

/** What people did during the incident sets nothing off that was there before. */
function isMereTrigger({ finding }: Fact): boolean {
  return finding.kind === 'trigger'
}

/** What says when and where it began, not what broke. */
export const UMBRELLAS: ReadonlySet<string> = new Set(['bad-rollout'])

/** What says no more of what broke than an umbrella does. */
const UNSPECIFIC: ReadonlySet<string> = new Set(['crashloop-app-error', 'readiness-probe-failing', 'dependency-down'])

/** A rollout that leads to a cause which says what broke is what set it off, not the cause. */
function withoutUmbrellas(graph: Graph, roots: readonly Fact[]): readonly Fact[] {
  const known = new Set(roots)
  return roots.filter((fact) => {
    if (!UMBRELLAS.has(fact.rule.id)) return true
    return !(graph.leadsTo.get(fact) ?? []).some(({ to }) => known.has(to) && isSpecific(to))
  })
}

function isSpecific({ rule, finding }: Fact): boolean {
  return finding.kind === 'cause' && finding.strength !== 'weak' && !UNSPECIFIC.has(rule.id)
}

/** Whether something deeper that is well supported leads here: then this is a part of its chain, not a root. */
function isDominated(graph: Graph, reaches: ReadonlyMap<Fact, Reach>, fact: Fact, tolerance: number): boolean {
  const heavy = symptomsIn(reaches.get(fact) as Reach).filter(({ weight }) => weight >= WORTH_A_CAUSE)
  return (graph.comesFrom.get(fact) ?? []).some(({ from, how }) => {
    if (from === fact || !canCause(from) || isMereTrigger(from)) return false
    if (UMBRELLAS.has(from.rule.id) && isSpecific(fact)) return false
    if (explainsNone(reaches.get(from), heavy)) return false
    if (isTooWeak(from, how, fact)) return false
    // Two that lead to one another: the one that comes first in time, then in the order of layers, is the root.
    const isLoop = reaches.get(fact)?.sure.has(from) === true
    return !isLoop || compareRoots(from, fact, tolerance) < 0
  })
}

/** Whether what is deeper is less certain than what it is to lead to. */
function isTooWeak(deeper: Fact, how: Likelihood, fact: Fact): boolean {
  if (how === 'possible') return deeper.finding.strength !== 'proof'
  if (how === 'certain' && REASONLESS.has(fact.rule.id)) return false
  return deeper.finding.strength === 'weak' && fact.finding.strength !== 'weak'
}

/** What began after all that a cause explains does not stand behind it, though it may be behind some of it. */
function explainsNone(deeper: Reach | undefined, heavy: readonly Fact[]): boolean {
  return heavy.length > 0 && !heavy.some((symptom) => deeper?.sure.has(symptom))
}

/** Earlier first, as far as clocks can tell; then in the order of layers. */
function compareRoots(a: Fact, b: Fact, tolerance: number): number {
  if (isLater(b, a, tolerance)) return -1
  if (isLater(a, b, tolerance)) return 1
  return DOMAINS.indexOf(a.rule.domain) - DOMAINS.indexOf(b.rule.domain) || a.index - b.index
}

function isUnexplained(graph: Graph, explained: ReadonlySet<Fact>, fact: Fact, tolerance: number): boolean {
  if (fact.finding.kind !== 'symptom' || fact.weight < WORTH_A_CAUSE || explained.has(fact)) return false
  const causes = (graph.comesFrom.get(fact) ?? []).filter(
    ({ from }) => from.weight >= WORTH_A_CAUSE && !explained.has(from),
  )
  if (causes.length === 0) return true
  const { sure } = reachFrom(graph, fact)
  return causes.every(({ from }) => compareRoots(fact, from, tolerance) < 0 && sure.has(from))
}

/** What can be a root, with what it leads to. */
type Reaching = Pick<Candidate, 'fact' | 'reach' | 'symptoms'>

function judge(
  incident: Incident,
  { fact, reach, symptoms }: Reaching,
  all: readonly Reaching[],
  around: (fact: Fact) => readonly Fact[],
  broken: readonly Fact[],
): Candidate {
  const heavy = new Set(symptoms.filter(({ weight }) => weight >= WORTH_A_CAUSE))
  const others = all.filter(
    (one) => one.fact !== fact && canCause(one.fact) && !reach.sure.has(one.fact) && !one.reach.sure.has(fact),
  )
  const rivals = others.filter((one) => one.symptoms.some((symptom) => heavy.has(symptom))).map((one) => one.fact)
  const triggers = findTriggers(incident, fact, symptoms)
  const unexplained = broken.filter((symptom) => !reach.sure.has(symptom))
  const standing = {
    isUnfelt: isUnfelt(incident, fact, [...heavy]),
    isStale: isStale(incident, fact, [...heavy], unexplained),
  }
  const parts = scoreOf({ incident, fact, reach, symptoms, around: around(fact), rivals, triggers, ...standing })
  const total = parts.reduce((sum, { points }) => sum + points, 0)
  return {
    fact,
    reach,
    symptoms,
    triggers,
    parts,
    rivals,
    total,
    isBroken: heavy.size > 0 || symptoms.some((symptom) => isOwnError(fact, symptom, others)),
    isLate: isSeenLate(incident, fact, [...heavy]),
    ...standing,
  }
}

/** A failure that programs only log is enough for a cause that quotes their words, or that alone explains them. */
function isOwnError({ finding }: Fact, symptom: Fact, others: readonly Reaching[]): boolean {
  if (symptom.finding.symptom !== 'errors') return false
  return (
    finding.cites.some(({ file }) => file.startsWith('logs/')) || !others.some(({ reach }) => reach.sure.has(symptom))
  )
}

/** What is old news last, then best first; ties by onset, then the order in which layers are restored (KIA §2.10.5), then the order of facts. */
function byScore(a: Candidate, b: Candidate): number {
  return Number(a.isStale) - Number(b.isStale) || b.total - a.total || compareRoots(a.fact, b.fact, 0)
}
