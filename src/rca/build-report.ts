import type { BundleReader } from '../bundle/reader.ts'
import type { Incident } from '../incident/incident.ts'
import type { RecentChange } from '../incident/recent-change.ts'
import { keyOf } from '../incident/reference.ts'
import { tellNames } from '../incident/telling.ts'
import { blindSpot, nameOfEvidence, unseenKinds } from '../incident/vital-evidence.ts'
import type { Outcome } from '../rules/evaluate.ts'
import type { Finding } from '../rules/rule.ts'
import { buildTimeline } from './build-timeline.ts'
import { type Candidate, UMBRELLAS } from './candidate.ts'
import { type CitationList, createCitationList } from './citation-list.ts'
import { commonTraits } from './common-traits.ts'
import { confidenceOf } from './confidence.ts'
import { type Fact, WORTH_A_CAUSE } from './fact.ts'
import { describeBlastRadius, describeFailureDomain } from './failure-domain.ts'
import { isFeltByLogs } from './felt-by-logs.ts'
import { fillCommands } from './fill-commands.ts'
import type { Graph } from './graph.ts'
import { listDeadlines } from './list-deadlines.ts'
import { byWeight, tellingWay } from './reach.ts'
import { intersect } from './relations.ts'
import {
  type Cause,
  type Link,
  REPORT_FORMAT,
  type Report,
  type ReportFinding,
  type ReportRule,
  type ReportSymptom,
} from './report.ts'
import { isOldNews } from './standing.ts'
import { suggestNext } from './suggest-next.ts'
import { writeTime } from './write-time.ts'

/** Everything that a report is made of. */
export interface Analysed {
  readonly bundle: BundleReader
  /** File name, without its path. */
  readonly name: string
  readonly toolVersion: string
  readonly incident: Incident
  readonly outcomes: readonly Outcome[]
  readonly facts: readonly Fact[]
  readonly graph: Graph
  /** Best first. */
  readonly candidates: readonly Candidate[]
  readonly focus: Report['focus']
}

/** Rules that say what keeps an incident going after its cause is gone. */
const SUSTAINING = new Set(['retry-storm-metastable', 'probe-driven-heal-loop', 'gitops-selfheal-reverts-mitigation'])

/** Causes that a report tells of; more are no help at 2 a.m. */
const MOST_CAUSES = 12

const MOST_RIVALS = 6

/** Puts a report together: a pure function of what was found. */
export function buildReport(analysed: Analysed): Report {
  const { incident, outcomes, facts, focus } = analysed
  const citations = createCitationList()
  const symptoms = facts.filter(({ finding }) => finding.kind === 'symptom').sort(byWeight)
  const candidates = chooseCauses(incident, analysed.candidates)
  const causes = candidates.map((candidate, index) =>
    describeCause(analysed, candidate, index, candidates, symptoms, citations),
  )
  const [best] = candidates
  const deadlines = listDeadlines(incident, citations)
  const shown = symptoms.filter(({ weight }, index) => weight >= WORTH_A_CAUSE || index < 40)
  return {
    format: REPORT_FORMAT,
    tool: { name: 'freezeframe', version: analysed.toolVersion },
    bundle: describeBundle(analysed),
    focus,
    verdict: describeVerdict(incident, causes, symptoms),
    failureDomain: describeFailureDomain(
      incident,
      symptoms,
      best && confidenceOf(best) !== 'insufficient-evidence' ? best : undefined,
    ),
    blastRadius: describeBlastRadius(incident, symptoms),
    mitigation: listMitigation(causes),
    causes,
    symptoms: shown.map((fact) => describeSymptom(fact, candidates, citations)),
    risks: listOf(facts, citations, (fact) => isRisk(incident, fact, candidates)),
    evidenceLoss: listOf(facts, citations, (fact) => fact.finding.kind === 'evidence-loss'),
    ...(deadlines.length === 0 ? {} : { deadlines }),
    timeline: buildTimeline(incident, facts, candidates, citations),
    rules: outcomes.map(describeRule),
    coverage: listGaps(incident, outcomes, facts),
    next: suggestNext(incident, candidates),
    replay: listReplays(analysed.name),
    citations: citations.all,
  }
}

/**
 * A weak finding that reaches nothing that is broken is a risk, not a cause; and so is an amplifier of nothing. Where that leaves nothing, it is a
 * cause that is possible for what logs alone show to be an incident.
 */
function chooseCauses(incident: Incident, candidates: readonly Candidate[]): readonly Candidate[] {
  const chosen = candidates.filter(
    ({ fact, symptoms }) =>
      (fact.finding.kind === 'symptom' && !isOldNews(incident, fact)) ||
      (fact.finding.kind !== 'symptom' && symptoms.some(({ weight }) => weight >= WORTH_A_CAUSE)) ||
      (fact.finding.strength !== 'weak' && fact.finding.kind === 'cause'),
  )
  const silent = () => candidates.filter(({ symptoms }) => symptoms.some((one) => isFeltByLogs(incident, one)))
  return (chosen.length > 0 ? chosen : silent()).slice(0, MOST_CAUSES)
}

function isRisk(incident: Incident, fact: Fact, chosen: readonly Candidate[]): boolean {
  return fact.finding.kind === 'risk' || isIdle(fact, chosen) || isUnexplainedOldNews(incident, fact, chosen)
}

function isUnexplainedOldNews(incident: Incident, fact: Fact, chosen: readonly Candidate[]): boolean {
  return isOldNews(incident, fact) && !chosen.some(({ reach }) => reach.sure.has(fact))
}

function isIdle(fact: Fact, chosen: readonly Candidate[]): boolean {
  return (
    fact.finding.kind === 'cause' &&
    fact.finding.strength === 'weak' &&
    !chosen.some(({ reach }) => reach.sure.has(fact))
  )
}

function describeBundle({ bundle, name, incident }: Analysed): Report['bundle'] {
  const { manifest } = bundle
  return {
    name,
    root: bundle.isRebuilt ? '' : manifest.root,
    cluster: manifest.cluster.name,
    version: manifest.cluster.version,
    // By the same clock as everything else: ages are told against it.
    window: { start: new Date(incident.start).toISOString(), end: new Date(incident.now).toISOString() },
    outcome: manifest.outcome.status,
    truncated: bundle.truncated ?? null,
    destination: null,
    clockOffsets: Object.fromEntries([...incident.clocks.offsets].sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

function describeCause(
  { incident, outcomes, facts, graph }: Analysed,
  candidate: Candidate,
  index: number,
  all: readonly Candidate[],
  symptoms: readonly Fact[],
  citations: CitationList,
): Cause {
  const { fact, reach, triggers, parts, total } = candidate
  const { rule, finding } = fact
  const companions = facts.filter(
    (other) => other.finding.kind === 'amplifier' && intersect(other.touches, touchedBy(candidate)),
  )
  const earlier = all.slice(0, index)
  return {
    ...describeFinding(fact, citations),
    rank: index + 1,
    domain: rule.domain,
    confidence: confidenceOf(candidate),
    points: { total, parts },
    chain: describeChain(graph, candidate, citations),
    triggers: [
      ...rolloutsBehind(graph, fact).map((rollout) => describeFinding(rollout, citations)),
      ...triggers.map((change) => describeChange(change, citations)),
    ],
    amplifiers: companions
      .filter((other) => !SUSTAINING.has(other.rule.id))
      .map((other) => describeFinding(other, citations)),
    sustaining: companions
      .filter((other) => SUSTAINING.has(other.rule.id))
      .map((other) => describeFinding(other, citations)),
    explains: symptoms.flatMap((symptom, place) => (reach.sure.has(symptom) && symptom !== fact ? [place] : [])),
    against: (finding.against ?? []).map(({ says, cites }) => ({ says, cites: cites.map(citations.numberOf) })),
    missing: finding.missing ?? [],
    common: (finding.kind === 'symptom' ? commonTraits(incident, finding) : []).map(({ says, cites }) => ({
      says,
      cites: cites.map(citations.numberOf),
    })),
    rivals: listRivals(incident, outcomes, candidate, all),
    mechanism: rule.explain.mechanism,
    actions: fillCommands(incident, finding, (finding.advice ?? rule.explain).mitigate),
    fix: (finding.advice ?? rule.explain).fix,
    alternative: earlier.some((better) =>
      candidate.symptoms.some((symptom) => symptom.weight >= WORTH_A_CAUSE && better.reach.sure.has(symptom)),
    ),
  }
}

/** The rollouts that a cause began with. */
function rolloutsBehind({ comesFrom }: Graph, fact: Fact): readonly Fact[] {
  return (comesFrom.get(fact) ?? []).map(({ from }) => from).filter(({ rule }) => UMBRELLAS.has(rule.id))
}

function touchedBy({ fact, reach }: Candidate): ReadonlySet<string> {
  return new Set([fact, ...reach.sure.keys()].flatMap((one) => [...one.touches]))
}

/** What else it could be, and why it is not: other causes of the same, and what rules looked at and rejected there. */
function listRivals(
  { topOf }: Incident,
  outcomes: readonly Outcome[],
  candidate: Candidate,
  all: readonly Candidate[],
): Cause['rivals'] {
  const others = all
    .filter(({ fact }) => candidate.rivals.includes(fact))
    .map(({ fact, total }) => ({
      rule: fact.rule.id,
      subject: fact.finding.subject,
      says: `It explains some of the same and has ${total} points, this one ${candidate.total}.`,
    }))
  const touched = touchedBy(candidate)
  const rejected = outcomes.flatMap(({ rule, rejections }) =>
    rejections
      .filter(({ subject }) => touched.has(keyOf(subject)) || touched.has(keyOf(topOf(subject))))
      .map(({ subject, says }) => ({ rule: rule.id, subject, says })),
  )
  return [...others, ...rejected].slice(0, MOST_RIVALS)
}

/** From the cause to the worst that is seen of it, step by step. */
function describeChain(graph: Graph, { fact, reach, symptoms }: Candidate, citations: CitationList): readonly Link[] {
  const goal = symptoms.find((symptom) => symptom !== fact)
  const way = goal ? tellingWay(graph, reach, fact, goal) : []
  return [
    { ...describeFinding(fact, citations), by: '', inferred: false },
    ...way.map((step) => ({
      ...describeFinding(step.to, citations),
      by: step.says,
      inferred: step.how === 'possible',
    })),
  ]
}

function describeFinding({ rule, finding }: Fact, citations: CitationList): ReportFinding {
  return {
    rule: rule.id,
    title: rule.title,
    kind: finding.kind,
    subject: finding.subject,
    strength: finding.strength,
    from: writeTime(finding.from),
    to: writeTime(finding.to),
    says: finding.says,
    cites: finding.cites.map(citations.numberOf),
  }
}

function describeChange({ about, at, says, cites }: RecentChange, citations: CitationList): ReportFinding {
  return {
    rule: 'recent-change',
    title: 'A change',
    kind: 'trigger',
    subject: about,
    strength: 'strong',
    from: writeTime(at),
    to: null,
    says,
    cites: cites.map(citations.numberOf),
  }
}

function describeSymptom(fact: Fact, candidates: readonly Candidate[], citations: CitationList): ReportSymptom {
  return {
    ...describeFinding(fact, citations),
    symptom: fact.finding.symptom as NonNullable<Finding['symptom']>,
    affects: fact.finding.affects ?? [],
    weight: fact.weight,
    causes: candidates.flatMap(({ reach, fact: cause }, index) =>
      reach.sure.has(fact) && cause.finding.kind !== 'symptom' ? [index + 1] : [],
    ),
  }
}

function listOf(
  facts: readonly Fact[],
  citations: CitationList,
  isWanted: (fact: Fact) => boolean,
): readonly ReportFinding[] {
  return facts.filter(isWanted).map((fact) => describeFinding(fact, citations))
}

function describeRule({ rule, rejections, ...outcome }: Outcome): ReportRule {
  return {
    id: rule.id,
    title: rule.title,
    domain: rule.domain,
    status: outcome.status,
    why: 'why' in outcome ? outcome.why : outcome.status === 'fired' ? `It found ${outcome.findings.length}.` : '',
    rejections: rejections.slice(0, 20).map(({ subject, says }) => ({ subject, says })),
  }
}

/** What rules ask for and the bundle does not hold, or not all of it. Of nodes, those count on which something is broken. */
function listGaps({ coverage }: Incident, outcomes: readonly Outcome[], facts: readonly Fact[]): Report['coverage'] {
  const nodes = facts.filter(({ weight }) => weight >= WORTH_A_CAUSE).flatMap((fact) => [...fact.nodes])
  const kinds = new Set(outcomes.flatMap(({ rule }) => [...rule.needs, ...(rule.helps ?? [])]))
  return [...kinds].sort().flatMap((evidence) => {
    const { how, why } = coverage.ofNodes(evidence, [...new Set(nodes)].sort())
    return how === 'all' ? [] : [{ evidence, how, why }]
  })
}

function describeVerdict(incident: Incident, causes: readonly Cause[], symptoms: readonly Fact[]): Report['verdict'] {
  const [best] = causes
  if (!best) return describeNothing(incident, symptoms)
  const isExplained = best.confidence === 'confirmed' || best.confidence === 'probable'
  const others =
    causes.filter(({ alternative, confidence }) => !alternative && confidence !== 'insufficient-evidence').length -
    (best.confidence === 'insufficient-evidence' ? 0 : 1)
  const more = others > 0 ? ` ${others} more ${others === 1 ? 'incident goes' : 'incidents go'} on beside it.` : ''
  const says = best.confidence === 'insufficient-evidence' ? `Nothing in the bundle says why: ${best.says}` : best.says
  return { status: isExplained ? 'explained' : 'unsure', confidence: best.confidence, says: `${says}${more}` }
}

/** Where nothing explains anything: a cluster is well only where its pods were seen, and who wants them. */
function describeNothing(incident: Incident, symptoms: readonly Fact[]): Report['verdict'] {
  const unsure = { status: 'unsure', confidence: null } as const
  if (symptoms.some((one) => one.weight >= WORTH_A_CAUSE && !isOldNews(incident, one)))
    return { ...unsure, says: 'Something is broken, and nothing in the bundle says why.' }
  const felt = symptoms.find((one) => isFeltByLogs(incident, one))
  if (felt) return { ...unsure, says: `Nothing in the bundle says why: ${felt.finding.says}` }
  const unseen = blindSpot(incident.coverage)
  if (unseen !== undefined) return { ...unsure, says: tellBlindSpot(incident, unseen) }
  return { status: 'healthy', confidence: null, says: `Nothing is seen to be broken${tellBlindness(incident)}.` }
}

function tellBlindSpot({ coverage }: Incident, kind: string): string {
  const { how, why } = coverage.of(kind)
  const absent = how === 'none' ? `no ${nameOfEvidence(kind)} are` : `not all ${nameOfEvidence(kind)} are`
  return `Nothing is seen to be broken, but ${absent} in the bundle: ${why}.`
}

/** Health that was seen without a kind of evidence is said to be that. */
function tellBlindness({ coverage }: Incident): string {
  const absent = unseenKinds(coverage).map(nameOfEvidence)
  return absent.length === 0 ? '' : `, as far as is seen without ${tellNames(absent, absent.length)}`
}

function listMitigation(causes: readonly Cause[]): Report['mitigation'] {
  const chosen = causes
    .filter(({ alternative, confidence }) => !alternative && confidence !== 'insufficient-evidence')
    .slice(0, 4)
  return chosen.flatMap(({ actions, rank }) => actions.map((action) => ({ ...action, cause: rank })))
}

function listReplays(name: string): readonly string[] {
  // To be pasted: a file may be called anything.
  const file = /^[\w.+-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`
  return [
    `freezeframe verify ${file}`,
    `freezeframe analyze ${file}`,
    `freezeframe serve ${file} -- kubectl get events -A --sort-by=.lastTimestamp`,
  ]
}
