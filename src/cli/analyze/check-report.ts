import type { BundleReader } from '../../bundle/reader.ts'
import type { Report } from '../../rca/report.ts'
import { countOf, printable } from '../text.ts'
import { VERSION } from '../version.ts'
import { differences } from './differences.ts'
import { readReport } from './read-report.ts'

/** What became of a report that was held against a bundle. */
export interface CheckedReport {
  readonly status: 'sound' | 'unsound'
  readonly citations: number
  /** Whether the whole report was made again and compared; another version of freezeframe may say something else. */
  readonly compared: boolean
  readonly problems: readonly string[]
}

/**
 * Holds a report against a bundle: it is about that one, every citation resolves, every claim has one, and, where this version wrote it, the
 * bundle gives the same report again. Throws REPORT_INVALID or REPORT_TOO_NEW for a file that is no report.
 */
export async function checkReport(bundle: BundleReader, path: string): Promise<CheckedReport> {
  const report = await readReport(path)
  const common = { citations: report.citations.length }
  if (isOfAnother(report, bundle)) {
    const why = `the report is of another bundle: its root hash is ${report.bundle.root}, this one’s ${bundle.manifest.root}`
    return { status: 'unsound', ...common, compared: false, problems: [why] }
  }
  const { checkCitations } = await import('../../rca/check-citations.ts')
  const broken = await checkCitations(bundle, report.citations)
  const compared = report.tool.version === VERSION
  const problems = [
    ...broken.map(({ citation, why }) => `evidence ${report.citations.indexOf(citation) + 1}: ${why}`),
    ...checkReferences(report),
    ...(compared ? await compare(bundle, report) : []),
  ]
  return { status: problems.length === 0 ? 'sound' : 'unsound', ...common, compared, problems }
}

function isOfAnother({ bundle: { root } }: Report, bundle: BundleReader): boolean {
  // A bundle that was cut lost its root hash with its manifest.
  return root !== '' && !bundle.isRebuilt && root !== bundle.manifest.root
}

/** A claim without evidence, or with evidence that the report does not hold. */
function checkReferences({ citations, ...report }: Report): string[] {
  return [...claimsIn(report, '')].flatMap(({ at, cites }) => {
    if (cites.length === 0) return [`${at} claims something without evidence`]
    const wrong = cites.find((number) => !Number.isInteger(number) || !citations[number as number])
    return wrong === undefined ? [] : [`${at} refers to evidence ${Number(wrong) + 1}, and there is none`]
  })
}

function* claimsIn(value: unknown, at: string): Generator<{ at: string; cites: readonly unknown[] }> {
  if (typeof value !== 'object' || value === null) return
  const { cites, kind } = value as { cites?: unknown; kind?: unknown }
  // That the capture began and ended is the manifest's to say.
  if (Array.isArray(cites) && kind !== 'capture') yield { at, cites }
  for (const [key, one] of Object.entries(value)) yield* claimsIn(one, `${at}/${key}`)
}

async function compare(bundle: BundleReader, report: Report): Promise<string[]> {
  const { analyze } = await import('../../rca/analyze.ts')
  const [kind = '', namespace = '', name = ''] = report.focus.object?.split('/') ?? []
  const again = await analyze(bundle, {
    name: report.bundle.name,
    toolVersion: VERSION,
    ...(report.focus.object === null ? {} : { focus: { kind, ...(namespace === '' ? {} : { namespace }), name } }),
    ...(report.focus.from === null ? {} : { from: Date.parse(report.focus.from) }),
    ...(report.focus.to === null ? {} : { to: Date.parse(report.focus.to) }),
  })
  return differences(report, JSON.parse(JSON.stringify(again))).map((at) => `${at} is not what the bundle gives`)
}

/** Problems that a person reads; every one is in `--format json`. */
const PROBLEMS_SHOWN = 20

/** The verdict for a terminal. */
export function drawCheck({ status, citations, compared, problems }: CheckedReport): string {
  const extent = compared
    ? 'and the bundle gives the same report again'
    : 'another version of freezeframe wrote it, so the rest was not compared'
  if (status === 'sound') return `Sound: ${resolved(citations)}, ${extent}.\n`
  const hidden = problems.length - PROBLEMS_SHOWN
  return `${[
    `Unsound: ${countOf(problems.length, 'problem')}.`,
    ...problems.slice(0, PROBLEMS_SHOWN).map((problem) => `  ${printable(problem)}`),
    ...(hidden > 0 ? [`  and ${hidden} more; see --format json`] : []),
  ].join('\n')}\n`
}

function resolved(citations: number): string {
  return citations === 1 ? '1 citation resolves' : `${citations} citations resolve`
}
