import type { Report, ReportFinding, ReportRule } from '../rca/report.ts'
import { clean, cut, nameOf, wrap } from './words.ts'

/** What became of one rule: the answer to `--why-not`. */
export interface WhyNot {
  readonly rule: string
  readonly status: ReportRule['status']
  readonly why: string
  /** What it looked at and did not take for its failure mode. */
  readonly rejections: ReportRule['rejections']
  /** What it found, and as what that is in the report: `cause 1`, `chain of cause 2`, `risk`. */
  readonly findings: readonly PlacedFinding[]
}

interface PlacedFinding extends ReportFinding {
  readonly place: string
}

/** Says of a rule, which the report must know, whether it fired, on what, and what it rejected. */
export function whyNot(report: Report, id: string): WhyNot {
  const found = report.rules.find((one) => one.id === id)
  if (!found) throw new Error(`The report does not know the rule ${id}`)
  const { status, why, rejections } = found
  const unique = new Map<string, PlacedFinding>()
  for (const [place, one] of placesOf(report)) {
    const key = `${nameOf(one.subject)} ${one.says}`
    if (one.rule === id && !unique.has(key)) unique.set(key, { ...pick(one), place })
  }
  return { rule: id, status, why, rejections, findings: [...unique.values()] }
}

/** Every finding that the report tells of, the most important place first. */
function* placesOf({ causes, risks, evidenceLoss, symptoms }: Report): Generator<[place: string, one: ReportFinding]> {
  for (const cause of causes) yield [`cause ${cause.rank}`, cause]
  for (const { chain, rank } of causes) for (const link of chain) yield [`chain of cause ${rank}`, link]
  for (const { amplifiers, sustaining, rank } of causes)
    for (const one of [...amplifiers, ...sustaining]) yield [`amplifier of cause ${rank}`, one]
  for (const one of risks) yield ['risk', one]
  for (const one of evidenceLoss) yield ['evidence loss', one]
  for (const one of symptoms) yield ['symptom', one]
}

function pick({ rule, title, kind, subject, strength, from, to, says, cites }: ReportFinding): ReportFinding {
  return { rule, title, kind, subject, strength, from, to, says, cites }
}

const WIDTH = 80

/** The same for a terminal. */
export function renderWhyNot({ rule, status, why, rejections, findings }: WhyNot): string {
  const told = [
    ...findings.map(({ place, subject, says }) => `${place}, ${nameOf(subject)}: ${says}`),
    ...rejections.map(({ subject, says }) => `not ${nameOf(subject)}: ${says}`),
  ]
  return `${[`${rule}: ${describe(status, why, told.length)}`, ...told.flatMap(item)].join('\n')}\n`
}

function describe(status: ReportRule['status'], why: string, told: number): string {
  if (status === 'fired') return why === '' ? 'it fired.' : `it fired. ${clean(why)}`
  if (status === 'not-evaluated') return `it could not be evaluated. ${clean(why)}`
  if (status === 'crashed') return `it broke off, which is a bug. ${clean(why)}`
  return told === 0 ? 'nothing in the bundle looks like it.' : 'nothing in the bundle is it.'
}

function item(text: string): string[] {
  return wrap(cut(clean(text), 600), WIDTH - 4).map((line, index) => `${index === 0 ? '  -' : '   '} ${line}`)
}
