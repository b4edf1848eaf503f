import type { Incident } from '../incident/incident.ts'
import { isFailing } from '../incident/pod.ts'
import { keyOf, type Ref } from '../incident/reference.ts'
import type { SymptomClass } from '../rules/rule.ts'
import type { Fact } from './fact.ts'
import { lastOnsetOf } from './order.ts'

/** What has been so for this long is no news: whoever suffered from it has said so (judgement; changes are looked for in the same time). */
const DAY = 24 * 60 * 60 * 1000

/** Symptoms of this weight are an incident wherever they are seen: pods that are lost, do not start or do not serve (fact.ts). */
const GRAVE = 6

/** What an object says of itself, or lacks, without anybody having to suffer from it. */
const CONDITIONS: ReadonlySet<SymptomClass> = new Set([
  'unhealthy-condition',
  'control-plane-failing',
  'node-unhealthy',
  'volume-failing',
  'not-scaling',
])

/**
 * Whether all that a cause broke is the condition of its own subject, and nobody is seen to suffer: an expired certificate that nobody uses, an
 * API that nobody asks. A part of the cluster that fails since today is an incident all the same.
 */
export function isUnfelt(incident: Incident, cause: Fact, heavy: readonly Fact[]): boolean {
  const own = keyOf(cause.finding.subject)
  const isOwn = heavy.every(({ finding: { subject, symptom } }) => {
    return symptom !== undefined && CONDITIONS.has(symptom) && keyOf(subject) === own
  })
  if (heavy.length === 0 || !isOwn || isForOutside(cause)) return false
  if (heavy.some((symptom) => hasSufferers(incident, symptom))) return false
  return heavy.every((one) => one.finding.symptom === 'unhealthy-condition' || isOld(incident, one))
}

/** People who come from outside by an Ingress leave no trace in the cluster. */
function isForOutside({ finding: { affects = [] } }: Fact): boolean {
  return affects.some(({ kind }) => kind === 'Ingress' || kind === 'Gateway')
}

function hasSufferers({ podOf }: Incident, { finding: { affects = [] } }: Fact): boolean {
  return affects.some((ref) => {
    const pod = podOf(ref)
    return pod !== undefined && isFailing(pod)
  })
}

function isOld(incident: Incident, symptom: Fact): boolean {
  const onset = lastOnsetOf(incident, symptom)
  return onset !== undefined && onset < incident.now - DAY
}

/**
 * Whether a cause explains nothing but what its own subject has long been, while something else broke a day later or more, which it does not
 * explain: then that is what people ask about.
 */
export function isStale(incident: Incident, cause: Fact, heavy: readonly Fact[], others: readonly Fact[]): boolean {
  const own = keyOf(incident.topOf(cause.finding.subject))
  const known = heavy.map((symptom) => lastOnsetOf(incident, symptom)).filter((at) => at !== undefined)
  const isOwn = heavy.every(({ finding }) => keyOf(incident.topOf(finding.subject)) === own)
  if (heavy.length === 0 || !isOwn || known.length < heavy.length) return false
  const least = Math.min(GRAVE, ...heavy.map(({ weight }) => weight))
  const fresh = others.filter(({ weight, finding }) => weight >= least && finding.from !== undefined)
  return fresh.some(({ finding }) => (finding.from ?? 0) > Math.max(...known) + DAY)
}

/** What was so for a week, through a weekend and its on-call, is not what people ask about now (judgement). */
const WEEK = 7 * DAY

/** Whether a symptom is a condition that has stood for weeks while all that it is about is well: a risk, and no incident. */
export function isOldNews(incident: Incident, fact: Fact): boolean {
  const { symptom, affects = [] } = fact.finding
  const onset = lastOnsetOf(incident, fact)
  if (symptom !== 'unhealthy-condition' || onset === undefined || onset > incident.now - WEEK) return false
  return !hasSufferers(incident, fact) && !affects.some((ref) => isLacking(incident, ref))
}

function isLacking({ workloadOf }: Incident, ref: Ref): boolean {
  const { desired, pods = [] } = workloadOf(ref) ?? {}
  return pods.filter(({ ready }) => ready).length < (desired ?? 0)
}
