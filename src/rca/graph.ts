import type { Incident } from '../incident/incident.ts'
import type { RuleId } from '../rules/index.ts'
import type { SymptomClass } from '../rules/rule.ts'
import { edges, type Likelihood, NO_NODE, type Relation } from './edges.ts'
import type { Fact } from './fact.ts'
import { isTooLate } from './order.ts'
import { createRelations, type Related } from './relations.ts'
import { symptomEdges } from './symptom-edges.ts'

/** Facts and how they lead to one another in this incident. */
export interface Graph {
  readonly facts: readonly Fact[]
  readonly leadsTo: ReadonlyMap<Fact, readonly Step[]>
  readonly comesFrom: ReadonlyMap<Fact, readonly Step[]>
  /** Whether the one began too late to be behind the other, on whatever way. */
  isTooLate(cause: Fact, effect: Fact): boolean
}

/** One fact leads to another. */
export interface Step {
  readonly from: Fact
  readonly to: Fact
  readonly how: Likelihood
  readonly by: Relation
  readonly says: string
}

/** What people see of a failure is later than its cause by so little that clocks and rounding cannot be blamed for more. */
const CALL_SLACK = 2 * 60 * 1000

/** Lays the causal table over what was found: an edge is there only where its relation holds and time allows it. */
export function buildGraph(incident: Incident, facts: readonly Fact[]): Graph {
  const related = createRelations(incident)
  const byRule = Map.groupBy(facts, ({ rule }) => rule.id)
  const symptoms = facts.filter(({ finding }) => finding.kind === 'symptom')
  const all = facts.flatMap((fact) => [
    ...(fact.finding.kind === 'symptom' ? stepsOfSymptom(fact, symptoms, related, incident.clocks.tolerance) : []),
    ...(canCause(fact)
      ? [
          ...stepsByTable(fact, byRule, related),
          ...stepsToCallers(fact, byRule, related),
          ...stepsToWaiting(fact, byRule, related),
          ...stepsToSymptoms(fact, symptoms, related),
        ]
      : []),
  ])
  const steps = all.filter(({ from, to }) => !isTooLate(incident, from, to))
  return {
    facts,
    leadsTo: Map.groupBy(steps, ({ from }) => from),
    comesFrom: Map.groupBy(steps, ({ to }) => to),
    isTooLate: (cause, effect) => isTooLate(incident, cause, effect),
  }
}

/** Whether a fact can be behind others: amplifiers, risks and lost evidence never are. */
export function canCause({ finding: { kind } }: Fact): boolean {
  return kind === 'cause' || kind === 'mechanism' || kind === 'trigger'
}

function stepsByTable(fact: Fact, byRule: ReadonlyMap<string, readonly Fact[]>, related: Related): Step[] {
  return (edges[fact.rule.id as RuleId] ?? []).flatMap(({ to, by, how, says }) =>
    (byRule.get(to) ?? [])
      .filter((effect) => effect !== fact && canCause(effect) && related(fact, effect, by))
      .map((effect) => ({ from: fact, to: effect, how, by, says })),
  )
}

/** What keeps pods from serving. */
const NOT_SERVING: ReadonlySet<SymptomClass> = new Set([
  'crashing',
  'not-starting',
  'not-ready',
  'unscheduled',
  'not-created',
  'evicted',
  'node-unhealthy',
])

/** Whatever keeps the pods behind a Service from serving is why its callers get no answer. */
function stepsToCallers(fact: Fact, byRule: ReadonlyMap<string, readonly Fact[]>, related: Related): Step[] {
  if (fact.rule.id === 'dependency-down' || !fact.rule.explains.some((symptom) => NOT_SERVING.has(symptom))) return []
  return (byRule.get('dependency-down') ?? [])
    .filter((effect) => canCause(effect) && related(fact, effect, 'backs'))
    .map((effect) => ({ from: fact, to: effect, how: 'likely', by: 'backs', says: 'its callers get no answer' }))
}

/** Whatever keeps an autoscaler, the controller of the cloud or a device plugin from its work is why pods wait for a node. */
function stepsToWaiting(fact: Fact, byRule: ReadonlyMap<string, readonly Fact[]>, related: Related): Step[] {
  if (!fact.rule.explains.some((symptom) => NOT_SERVING.has(symptom))) return []
  return NO_NODE.flatMap((rule) => byRule.get(rule) ?? [])
    .filter((effect) => canCause(effect) && related(fact, effect, 'provides'))
    .map((effect) => ({
      from: fact,
      to: effect,
      how: 'likely',
      by: 'provides',
      says: 'what pods wait for does not come',
    }))
}

function stepsToSymptoms(fact: Fact, symptoms: readonly Fact[], related: Related): Step[] {
  return symptoms
    .filter(
      ({ finding: { symptom } }) =>
        symptom !== undefined && (symptom === 'warnings' || fact.rule.explains.includes(symptom)),
    )
    .filter((effect) => related(fact, effect, SEEN_BY[fact.rule.id as RuleId] ?? 'touches'))
    .map((effect) => ({ from: fact, to: effect, how: 'certain', by: 'touches', says: 'is seen as' }))
}

/** What is seen of a dependency that does not answer is seen at its callers; what is wrong with itself is another finding. */
const SEEN_BY: Readonly<Partial<Record<RuleId, Relation>>> = { 'dependency-down': 'suffers' }

function stepsOfSymptom(fact: Fact, symptoms: readonly Fact[], related: Related, tolerance: number): Step[] {
  const { symptom } = fact.finding
  if (symptom === undefined) return []
  return symptomEdges[symptom].flatMap(([to, by]) =>
    symptoms
      .filter((effect) => effect !== fact && effect.finding.symptom === to && related(fact, effect, by))
      .filter((effect) => by !== 'calls' || !isLater(fact, effect, tolerance + CALL_SLACK))
      .map(
        (effect): Step => ({ from: fact, to: effect, how: by === 'calls' ? 'likely' : 'certain', by, says: SAYS[by] }),
      ),
  )
}

const SAYS: Readonly<Record<Relation, string>> = {
  touches: 'so that',
  suffers: 'so that',
  backs: 'which runs it',
  provides: 'so that',
  node: 'on that node',
  uses: 'which uses it',
  calls: 'whose callers fail',
  cluster: 'so that',
}

/** Whether a fact began later than another one, by more than so many milliseconds; false where either is unknown. */
export function isLater(a: Fact, b: Fact, slack: number): boolean {
  const [from, other] = [a.finding.from, b.finding.from]
  return from !== undefined && other !== undefined && from > other + slack
}
