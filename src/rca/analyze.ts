import type { BundleReader } from '../bundle/reader.ts'
import { FreezeframeError } from '../error.ts'
import { type Incident, readIncident } from '../incident/incident.ts'
import { keyOf, type Ref } from '../incident/reference.ts'
import { evaluateRules, type Outcome } from '../rules/evaluate.ts'
import { rules } from '../rules/index.ts'
import { buildReport } from './build-report.ts'
import { findCandidates } from './candidate.ts'
import { type BrokenCitation, checkCitations } from './check-citations.ts'
import { connectedTo } from './connected.ts'
import { type Fact, factsOf } from './fact.ts'
import { requireFocus } from './focus.ts'
import { buildGraph } from './graph.ts'
import type { Report } from './report.ts'
import { writeTime } from './write-time.ts'

/** What an analysis is narrowed to. */
export interface AnalyzeOptions {
  /** File name of the bundle, for the report. */
  readonly name: string
  readonly toolVersion: string
  /** An object: what hangs together with it is told, and nothing else. */
  readonly focus?: Ref
  /** Symptoms that were over before, or began after, are left out. Milliseconds since 1970. */
  readonly from?: number
  readonly to?: number
}

/**
 * Explains a bundle. The same bundle gives the same report, byte for byte. A rule that cites what does not stand there is taken out and said to
 * have crashed: one bad rule must not cost the report. Throws REPORT_UNSOUND if a citation does not resolve all the same, and FOCUS_MISSING for
 * an object that the bundle does not hold.
 */
export async function analyze(bundle: BundleReader, options: AnalyzeOptions): Promise<Report> {
  const report = await explainBundle(bundle, options)
  const broken = await checkCitations(bundle, report.citations)
  if (broken.length === 0) return report
  const sound = await explainBundle(bundle, options, broken)
  const [left] = await checkCitations(bundle, sound.citations)
  if (!left) return sound
  throw new FreezeframeError('REPORT_UNSOUND', `A citation of the report does not hold: ${left.why}.`, {
    remedy: 'Run freezeframe verify on the bundle; if it is whole, report this as a defect.',
  })
}

/** The incident lives in here alone: it is large, and gone before the citations are read. */
async function explainBundle(
  bundle: BundleReader,
  options: AnalyzeOptions,
  broken: readonly BrokenCitation[] = [],
): Promise<Report> {
  const incident = await readIncident(bundle)
  return explain(bundle, incident, withoutUnsound(evaluateRules(incident, rules), broken), options)
}

function explain(
  bundle: BundleReader,
  incident: Incident,
  outcomes: readonly Outcome[],
  options: AnalyzeOptions,
): Report {
  const facts = narrow(incident, factsOf(incident, outcomes), options)
  const graph = buildGraph(incident, facts)
  const candidates = findCandidates(incident, graph)
  const { name, toolVersion, focus, from, to } = options
  const narrowed = { object: focus ? keyOf(focus) : null, from: writeTime(from), to: writeTime(to) }
  return buildReport({ bundle, name, toolVersion, incident, outcomes, facts, graph, candidates, focus: narrowed })
}

function withoutUnsound(outcomes: readonly Outcome[], broken: readonly BrokenCitation[]): readonly Outcome[] {
  const keys = new Map(broken.map(({ citation, why }) => [JSON.stringify(citation), why]))
  return outcomes.map((outcome) => {
    const cited = outcome.findings.flatMap(({ cites, against = [] }) => [
      ...cites,
      ...against.flatMap((one) => one.cites),
    ])
    const why = cited.map((citation) => keys.get(JSON.stringify(citation))).find((reason) => reason !== undefined)
    if (why === undefined) return outcome
    return {
      rule: outcome.rule,
      findings: [],
      rejections: [],
      status: 'crashed',
      why: `A citation of it does not hold: ${why}.`,
    }
  })
}

function narrow(incident: Incident, facts: readonly Fact[], { focus, from, to }: AnalyzeOptions): readonly Fact[] {
  // What has no date is known of the moment of the capture alone.
  const inTime = facts.filter(({ finding }) => isWithin(finding.from ?? incident.start, finding.to, from, to))
  if (!focus) return inTime
  requireFocus(incident, focus)
  const keys = [keyOf(focus), keyOf(incident.topOf(focus))]
  const wanted = inTime.filter((fact) => keys.some((key) => fact.touches.has(key)))
  const connected = connectedTo(buildGraph(incident, inTime), wanted)
  return inTime.filter((fact) => connected.has(fact))
}

function isWithin(
  began: number | undefined,
  ended: number | undefined,
  from: number | undefined,
  to: number | undefined,
): boolean {
  if (to !== undefined && began !== undefined && began > to) return false
  return !(from !== undefined && ended !== undefined && ended < from)
}
