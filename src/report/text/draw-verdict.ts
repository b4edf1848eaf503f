import { nameOfEvidence, VITAL } from '../../incident/vital-evidence.ts'
import type { Confidence, Report } from '../../rca/report.ts'
import type { Paint } from '../paint.ts'
import { clean, countOf, cut, momentOf, spanOf, tellDeadline, WORTH_TELLING, wrap } from '../words.ts'
import { paragraph, sentence, WIDTH, word } from './lines.ts'
import type { Told } from './told.ts'

/** The colour of how sure it is. */
export const COLOURS = {
  confirmed: 'red',
  probable: 'yellow',
  possible: 'cyan',
  'insufficient-evidence': 'yellow',
} as const satisfies Record<Confidence, string>

/** What is broken, how sure that is, where, how far, and since when. */
export function drawVerdict(report: Report, paint: Paint, told: Told): string[] {
  return report.verdict.status === 'healthy' ? drawHealthy(report, paint) : drawBroken(report, paint, told)
}

/** A sentence of the first screen: a longer one would push what is to be done off it. */
const LONGEST_VERDICT = 480

function drawBroken(report: Report, paint: Paint, told: Told): string[] {
  const { verdict, failureDomain, blastRadius, causes } = report
  const [best] = causes
  const sureness = (verdict.confidence ?? 'insufficient-evidence').toUpperCase().replace('-', ' ')
  const title = best && best.confidence !== 'insufficient-evidence' ? word(best.title) : ''
  const [head = '', ...rest] = wrap(title, WIDTH - sureness.length - 2)
  if (best && verdict.says.includes(best.says) && clean(verdict.says).length <= LONGEST_VERDICT) told.tell(best.says)
  return [
    `${paint('bold', paint(COLOURS[verdict.confidence ?? 'insufficient-evidence'], sureness))}${head === '' ? '' : `  ${paint('bold', head)}`}`,
    ...rest.map((line) => `${' '.repeat(sureness.length + 2)}${paint('bold', line)}`),
    ...paragraph(cut(clean(verdict.says), LONGEST_VERDICT), 2),
    '',
    ...field('Where', failureDomain.says, paint),
    ...field('Reach', describeReach(blastRadius), paint),
    ...drawOnset(report, paint),
    ...drawDeadlines(report, paint),
    ...drawLimits(report, paint),
  ]
}

function describeReach({ says, pods }: Report['blastRadius']): string {
  return pods.total > 0 ? `${says.replace(/\.$/, '')} (of ${countOf(pods.total, 'pod')} in the bundle).` : says
}

/** Since when people see it: the first of what the best cause explains, not how long the cause has lain in wait. */
function drawOnset({ causes, symptoms, bundle }: Report, paint: Paint): string[] {
  const [best] = causes
  const all = (best?.explains ?? []).flatMap((index) => symptoms[index] ?? [])
  const heavy = all.filter(({ weight }) => weight >= WORTH_TELLING)
  // Programs that start log failures for a moment, and a failure that lasts goes on from there: only alone these are the onset.
  const explained = heavy.length > 0 ? heavy : all
  const seen = best?.kind === 'symptom' ? [best, ...explained] : explained
  const onset = earliest(seen) ?? best?.from ?? earliest(symptoms)
  if (!onset) return []
  const span = spanOf(onset, bundle.window.end)
  return field('Since', `${momentOf(onset)}${span === undefined ? '' : `, ${span} before the capture ended`}`, paint)
}

function earliest(findings: readonly { readonly from: string | null }[]): string | undefined {
  return findings
    .flatMap(({ from }) => from ?? [])
    .sort((a, b) => Date.parse(a) - Date.parse(b))
    .at(0)
}

/** Nothing broken was seen; whether that means health depends on whether anybody could look. */
function drawHealthy(report: Report, paint: Paint): string[] {
  const { coverage, bundle, blastRadius, rules, verdict } = report
  const unseen = coverage.filter(({ evidence, how }) => how === 'none' && VITAL.includes(evidence))
  const untold = unseen.filter(({ evidence }) => !verdict.says.includes(nameOfEvidence(evidence)))
  const isBlind = unseen.length > 0 || bundle.truncated !== null
  const state = isBlind ? paint('yellow', 'NOT KNOWN') : paint('green', 'HEALTHY')
  const checked = rules.filter(({ status }) => status === 'fired' || status === 'clear').length
  return [
    `${paint('bold', state)}  ${sentence(verdict.says)}`,
    ...(untold.length > 0 ? paragraph(`But ${namesOf(untold)} could not be looked at.`, 2) : []),
    '',
    ...field(
      'Looked',
      `at ${countOf(blastRadius.pods.total, 'pod')}, for ${checked} of ${countOf(rules.length, 'failure mode')}.`,
      paint,
    ),
    ...drawDeadlines(report, paint),
    ...drawLimits(report, paint),
  ]
}

/** Nodes of which somebody reads at two in the morning that they are about to go. */
const MOST_DEADLINES = 3

function drawDeadlines({ deadlines = [] }: Report, paint: Paint): string[] {
  const told = deadlines.slice(0, MOST_DEADLINES).map(tellDeadline)
  const more = deadlines.length > told.length ? [`${countOf(deadlines.length - told.length, 'more node')} later.`] : []
  return [...told, ...more].flatMap((text) => field('Soon', text, paint, 'yellow'))
}

function namesOf(gaps: Report['coverage']): string {
  return gaps.map(({ evidence }) => nameOfEvidence(evidence)).join(' and ')
}

/** What the reader has to know before believing it: the bundle is not whole, or only a part of it was looked at. */
function drawLimits({ bundle, focus }: Report, paint: Paint): string[] {
  const parts = [
    ...(focus.object === null ? [] : [`what hangs together with ${focus.object.replace('//', '/')}`]),
    ...(focus.from === null ? [] : [`from ${momentOf(focus.from)}`]),
    ...(focus.to === null ? [] : [`to ${momentOf(focus.to)}`]),
  ]
  return [
    ...(parts.length === 0 ? [] : field('Only', `${parts.join(', ')}.`, paint)),
    ...(bundle.truncated === null
      ? []
      : field(
          'But',
          `the bundle is not whole: ${bundle.truncated}. What is missing may change this.`,
          paint,
          'yellow',
        )),
  ]
}

const LABEL = 6

function field(name: string, text: string, paint: Paint, style: 'dim' | 'yellow' = 'dim'): string[] {
  const [first = '', ...rest] = wrap(sentence(text), WIDTH - LABEL - 4)
  const space = ' '.repeat(LABEL + 4)
  return [`  ${paint(style, name.padEnd(LABEL))}  ${first}`, ...rest.map((line) => `${space}${line}`)]
}
