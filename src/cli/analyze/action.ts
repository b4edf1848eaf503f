import { readFile } from 'node:fs/promises'
import type { BundleReader } from '../../bundle/reader.ts'
import { FreezeframeError } from '../../error.ts'
import { CONFIDENCES, type Report } from '../../rca/report.ts'
import { failWith } from '../error-report.ts'
import { keepHeapSmall } from '../keep-heap-small.ts'
import { invalidOption } from '../parse/invalid.ts'
import { parseTimeOrAgo } from '../parse/time.ts'
import { paintFor, type Shell } from '../shell.ts'
import { VERSION } from '../version.ts'
import { parseObject } from './focus.ts'

/** The command line of `analyze` as commander hands it over. */
export interface AnalyzeFlags {
  readonly format: 'text' | 'md' | 'json'
  readonly why?: boolean
  readonly whyNot?: string
  readonly focus?: string
  readonly from?: string
  readonly to?: string
  readonly failOn?: 'confirmed' | 'probable' | 'possible'
  readonly check?: string
  readonly tmpDir?: string
}

/** Analyses a bundle, or checks a report of it, and prints what came of it. */
export async function runAnalyze(
  source: string,
  name: string,
  flags: AnalyzeFlags,
  { shell, debug }: { shell: Shell; debug: boolean },
): Promise<void> {
  // The incident is small once it is read; what reading leaves behind is collected sooner so.
  keepHeapSmall()
  try {
    const { openBundle } = await import('../../bundle/reader.ts')
    const bundle = await openBundle(source, flags.tmpDir === undefined ? {} : { tmpDir: flags.tmpDir })
    try {
      if (flags.check === undefined) await explain(bundle, name, flags, shell)
      else await check(bundle, flags.check, shell)
    } finally {
      await bundle.close()
    }
  } catch (error) {
    failWith(shell, error, { debug, format: flags.format })
  }
}

async function explain(bundle: BundleReader, name: string, flags: AnalyzeFlags, shell: Shell): Promise<void> {
  const { analyze } = await import('../../rca/analyze.ts')
  const end = new Date(bundle.manifest.window.end)
  const report = await analyze(bundle, {
    name,
    toolVersion: VERSION,
    ...(flags.focus === undefined ? {} : { focus: parseObject('--focus', flags.focus) }),
    ...(flags.from === undefined ? {} : { from: parseTimeOrAgo('--from', flags.from, end).getTime() }),
    ...(flags.to === undefined ? {} : { to: parseTimeOrAgo('--to', flags.to, end).getTime() }),
  })
  shell.stdout.write(await draw(report, flags, shell))
  shell.exitCode = flags.failOn !== undefined && isMet(report, flags.failOn) ? 1 : 0
}

async function draw(report: Report, flags: AnalyzeFlags, shell: Shell): Promise<string> {
  if (flags.whyNot !== undefined) return drawWhyNot(report, flags.whyNot)
  if (flags.format === 'json') return `${JSON.stringify(report, null, 2)}\n`
  if (flags.format === 'md') return (await import('../../report/markdown.ts')).renderMarkdown(report)
  const { renderText } = await import('../../report/text.ts')
  return renderText(report, { paint: paintFor(shell.stdout), why: flags.why === true })
}

/** What became of one rule, and what it looked at and did not take. */
function drawWhyNot({ rules, causes }: Report, id: string): string {
  const rule = rules.find((one) => one.id === id)
  if (!rule) throw invalidOption('--why-not', id, 'is no rule', 'Run freezeframe explain to see their names.')
  const found = causes.filter((cause) => cause.rule === id).map(({ rank, says }) => `It is cause ${rank}: ${says}`)
  const rejected = rule.rejections.map(
    ({ subject, says }) =>
      `${subject.kind} ${subject.namespace ? `${subject.namespace}/` : ''}${subject.name}: ${says}`,
  )
  const silent = rule.status === 'clear' && rejected.length === 0 ? ['Nothing in the bundle looks like it.'] : []
  return `${[`${id}: ${rule.status}${rule.why === '' ? '' : `. ${rule.why}`}`, ...[...found, ...rejected, ...silent].map((line) => `  ${line}`)].join('\n')}\n`
}

function isMet({ causes }: Report, least: AnalyzeFlags['failOn']): boolean {
  const limit = CONFIDENCES.indexOf(least ?? 'confirmed')
  return causes.some(({ confidence }) => CONFIDENCES.indexOf(confidence) <= limit)
}

/** Holds every citation of a report against a bundle: exit code 1 where one does not resolve, or where it is of another bundle. */
async function check(bundle: BundleReader, path: string, shell: Shell): Promise<void> {
  const { checkCitations } = await import('../../rca/check-citations.ts')
  const report = await readReport(path)
  const isOther = report.bundle.root !== '' && report.bundle.root !== bundle.manifest.root
  const broken = await checkCitations(bundle, report.citations)
  const problems = [
    ...(isOther ? ['the report is of another bundle: its root hash is not this one’s'] : []),
    ...broken.map(({ why }) => why),
  ]
  const verdict = problems.length === 0 ? `Sound: ${report.citations.length} citations resolve.` : 'Unsound:'
  shell.stdout.write(`${[verdict, ...problems.map((why) => `  ${why}`)].join('\n')}\n`)
  shell.exitCode = problems.length === 0 ? 0 : 1
}

async function readReport(path: string): Promise<Report> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new FreezeframeError('REPORT_INVALID', `Cannot read the report ${path}: ${error.code}.`, {
      remedy: 'Give a file that analyze --format json wrote.',
      cause: error,
    })
  })
  try {
    const report = JSON.parse(text) as Report
    if (Array.isArray(report.citations) && report.format.type === 'freezeframe-report') return report
  } catch {
    // Whatever it is, it is none of ours.
  }
  throw new FreezeframeError('REPORT_INVALID', `${path} is not a report of freezeframe.`, {
    remedy: 'Give a file that analyze --format json wrote.',
  })
}
