import type { Incident } from '../incident/incident.ts'
import { keyOf } from '../incident/reference.ts'
import type { Finding, Rejection, Rule } from './rule.ts'

/** What became of one rule. Every rule has an outcome: silence is never mistaken for health. */
export type Outcome = {
  readonly rule: Rule
  readonly findings: readonly Finding[]
  readonly rejections: readonly Rejection[]
} & (
  | { readonly status: 'fired' | 'clear' }
  /** Evidence is missing, or the rule itself broke; `why` is a sentence. */
  | { readonly status: 'not-evaluated' | 'crashed'; readonly why: string }
)

/** Runs rules one after the other; one that throws is said to have crashed and keeps no other from running. */
export function evaluateRules(incident: Incident, rules: readonly Rule[]): readonly Outcome[] {
  return rules.map((rule) => evaluateRule(incident, rule))
}

function evaluateRule(incident: Incident, rule: Rule): Outcome {
  const lacking = rule.needs
    .map((kind) => ({ kind, ...incident.coverage.of(kind) }))
    .filter(({ how }) => how === 'none')
  const findings: Finding[] = []
  const rejections: Rejection[] = []
  if (lacking.length > 0) {
    const why = lacking.map(({ kind, why }) => `${kind} (${why})`).join(', ')
    return { rule, findings, rejections, status: 'not-evaluated', why: `It needs ${why}.` }
  }
  try {
    for (const one of rule.evaluate(incident)) {
      if (one.kind === 'rejected') rejections.push(one)
      else findings.push(one)
    }
  } catch (error) {
    return { rule, findings: [], rejections: [], status: 'crashed', why: `${(error as Error).message}.` }
  }
  findings.sort(byOnset)
  return { rule, findings, rejections, status: findings.length > 0 ? 'fired' : 'clear' }
}

function byOnset(a: Finding, b: Finding): number {
  const [from, other] = [a.from ?? Number.MAX_SAFE_INTEGER, b.from ?? Number.MAX_SAFE_INTEGER]
  return from - other || (keyOf(a.subject) < keyOf(b.subject) ? -1 : 1)
}
