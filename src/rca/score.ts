import type { Incident } from '../incident/incident.ts'
import { isHealthy } from '../incident/pod.ts'
import type { RecentChange } from '../incident/recent-change.ts'
import type { Strength } from '../rules/rule.ts'
import { type Fact, WORTH_A_CAUSE } from './fact.ts'
import { isQuoting } from './order.ts'
import type { Reach } from './reach.ts'
import { REASONLESS } from './reasonless.ts'
import type { Points } from './report.ts'
import { onsetOf } from './triggers.ts'

/** What a cause is judged by. */
export interface Evidence {
  readonly incident: Incident
  readonly fact: Fact
  readonly reach: Reach
  readonly symptoms: readonly Fact[]
  /** All that is broken in what hangs together with it. */
  readonly around: readonly Fact[]
  readonly rivals: readonly Fact[]
  readonly triggers: readonly RecentChange[]
  readonly isStale: boolean
  readonly isUnfelt: boolean
}

/** Points of strength (failures.md §5.1, all weights are judgement, and whole numbers so that sums are the same everywhere). */
const EVIDENCE: Readonly<Record<Strength, number>> = { proof: 40, strong: 25, weak: 10 }

/** A change this close before the first symptom counts. */
const CLOSE = 30 * 60 * 1000

/** Scores a cause in whole points, each with what it is for; parts that give nothing are left out. */
export function scoreOf(evidence: Evidence): readonly Points[] {
  return [
    scoreStrength(evidence),
    scoreCoverage(evidence),
    scoreSeverity(evidence),
    scoreSpecificity(evidence),
    scoreOrder(evidence),
    scoreChange(evidence),
    scoreAbsent(evidence),
    scoreAgainst(evidence),
    scoreInferred(evidence),
    scoreDepth(evidence),
    scoreAge(evidence),
    scoreUnfelt(evidence),
  ].filter(({ points }) => points !== 0)
}

function scoreStrength({ fact: { finding } }: Evidence): Points {
  const points = finding.kind === 'symptom' ? 0 : EVIDENCE[finding.strength]
  return { for: 'evidence', points, says: `its evidence is ${finding.strength}` }
}

/** How much of what is broken, in what hangs together with it, it explains. */
function scoreCoverage({ around, reach, symptoms }: Evidence): Points {
  const whole = around.reduce((sum, { weight }) => sum + weight, 0)
  if (whole === 0) return { for: 'coverage', points: 0, says: 'it explains no symptom' }
  const mine = symptoms.reduce((sum, symptom) => sum + (symptom.weight * (reach.sure.get(symptom) ?? 0)) / 1000, 0)
  const points = Math.round((30 * mine) / whole)
  return {
    for: 'coverage',
    points,
    says: `it explains ${Math.round((100 * mine) / whole)} % of what is broken around it`,
  }
}

/** How bad what it explains is, so that of two incidents the worse one comes first. */
function scoreSeverity({ symptoms, reach }: Evidence): Points {
  const heavy = symptoms.filter(({ weight }) => weight >= WORTH_A_CAUSE)
  const sum = heavy.reduce((total, symptom) => total + (symptom.weight * (reach.sure.get(symptom) ?? 0)) / 1000, 0)
  return {
    for: 'severity',
    points: Math.min(15, Math.round(sum / 2)),
    says: `what it explains weighs ${Math.round(sum)}`,
  }
}

function scoreSpecificity({ rivals, symptoms, fact }: Evidence): Points {
  if (symptoms.length === 0 || fact.finding.kind === 'symptom') return { for: 'specificity', points: 0, says: '' }
  const points = Math.round(15 / (1 + rivals.length))
  const says = rivals.length === 0 ? 'nothing else explains the same' : `${rivals.length} others could explain the same`
  return { for: 'specificity', points, says }
}

function scoreOrder({ incident, fact, symptoms }: Evidence): Points {
  const first = onsetOf(fact, symptoms)
  const { from } = fact.finding
  if (symptoms.length === 0 || from === undefined || first === undefined || fact.finding.kind === 'symptom')
    return { for: 'order', points: 0, says: '' }
  const isBound = fact.finding.notBefore === undefined && isQuoting(fact)
  const isFirst = isBound || from <= first + incident.clocks.tolerance
  return { for: 'order', points: isFirst ? 10 : 0, says: 'it began before what it explains' }
}

function scoreChange({ fact, symptoms, triggers }: Evidence): Points {
  const onset = onsetOf(fact, symptoms) ?? 0
  const [change] = triggers.filter(({ at }) => at >= onset - CLOSE)
  return { for: 'change', points: change ? 5 : 0, says: change ? change.says : '' }
}

/** What it says suffers from it, and does not: only where all pods were collected. */
function scoreAbsent({ incident, fact: { finding } }: Evidence): Points {
  if (!incident.coverage.isComplete('pods')) return { for: 'absent', points: 0, says: '' }
  const well = (finding.affects ?? []).filter((ref) => {
    const pod = incident.podOf(ref)
    return pod !== undefined && isHealthy(pod)
  })
  return {
    for: 'absent',
    points: finding.kind === 'symptom' ? 0 : -5 * Math.min(3, well.length),
    says: `${well.length} pods that it should harm are well`,
  }
}

function scoreAgainst({ fact: { finding } }: Evidence): Points {
  const against = finding.against ?? []
  return {
    for: 'counter-evidence',
    points: -20 * Math.min(2, against.length),
    says: against.map(({ says }) => says).join(' '),
  }
}

function scoreInferred({ reach, symptoms }: Evidence): Points {
  const [worst] = symptoms
  const step = worst && reach.steps.get(worst)
  return {
    for: 'inference',
    points: step?.how === 'possible' ? -8 : 0,
    says: 'its way to the worst symptom is only possible',
  }
}

/** A mechanism always has something behind it; what says only that nobody answers is no more than a symptom with proof. */
function scoreDepth({ fact: { finding, rule } }: Evidence): Points {
  return {
    for: 'depth',
    points: finding.kind !== 'mechanism' ? 0 : REASONLESS.has(rule.id) ? -25 : -10,
    says: 'something must be behind it that the bundle does not show',
  }
}

/** What has long been so is not what people ask about when something else broke today. */
function scoreAge({ isStale }: Evidence): Points {
  return {
    for: 'age',
    points: isStale ? -30 : 0,
    says: 'it has been so for a day or longer before something else broke, which it does not explain',
  }
}

/** What somebody suffers from comes before what nobody is seen to. */
function scoreUnfelt({ isUnfelt }: Evidence): Points {
  return { for: 'unfelt', points: isUnfelt ? -20 : 0, says: 'nobody is seen to suffer from it' }
}
