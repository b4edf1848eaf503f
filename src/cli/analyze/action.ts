import { basename, resolve } from 'node:path'
import { bundleName } from '../../bundle/format.ts'
import type { BundleReader } from '../../bundle/reader.ts'
import { CONFIDENCES, type Report } from '../../rca/report.ts'
import { failWith } from '../error-report.ts'
import { keepHeapSmall } from '../keep-heap-small.ts'
import { paintFor, plainPaint, type Shell } from '../shell.ts'
import { unknownRule } from '../suggest-rule.ts'
import { VERSION } from '../version.ts'
import { showReading } from './reading.ts'
import { type AnalyzeFlags, type AnalyzeFormat, readFormat, readNarrowing } from './request.ts'

/** Analyses a bundle, or checks a report of it, and prints what came of it. */
export async function runAnalyze(
  source: string,
  flags: AnalyzeFlags,
  { shell, debug }: { shell: Shell; debug: boolean },
): Promise<void> {
  const format = readFormat(flags)
  // The incident is small once it is read; what reading leaves behind is collected sooner so.
  keepHeapSmall()
  try {
    await checkRule(flags.whyNot)
    const print = await openPrinter(flags, shell)
    const { openBundle } = await import('../../bundle/reader.ts')
    const bundle = await openBundle(source, flags.tmpDir === undefined ? {} : { tmpDir: flags.tmpDir })
    const reading = showReading(bundle, shell)
    try {
      const text =
        flags.check === undefined
          ? await explain(reading.bundle, source, flags, format, shell)
          : await check(reading.bundle, flags.check, format, shell)
      reading.end()
      await print(text)
    } finally {
      reading.end()
      await bundle.close()
    }
  } catch (error) {
    failWith(shell, error, { debug, ...(flags.format === undefined ? {} : { format: flags.format }) })
  }
}

/** A mistyped name is told before a large bundle is read. */
async function checkRule(id: string | undefined): Promise<void> {
  if (id === undefined) return
  const { rules } = await import('../../rules/index.ts')
  const known: readonly string[] = rules.map((rule) => rule.id)
  if (!known.includes(id)) throw unknownRule('--why-not', id, known)
}

/** Where the result goes: to stdout, or into a file whose path is then printed. That it cannot be written is told before anything is read. */
async function openPrinter({ output, force }: AnalyzeFlags, shell: Shell): Promise<(text: string) => Promise<void>> {
  if (output === undefined || output === '-') return async (text) => void shell.stdout.write(text)
  const { checkOutput, writeReport } = await import('./write-report.ts')
  await checkOutput(output, force === true)
  return async (text) => {
    await writeReport(output, text, force === true)
    shell.stdout.write(`${output}\n`)
  }
}

async function explain(
  bundle: BundleReader,
  source: string,
  flags: AnalyzeFlags,
  format: AnalyzeFormat,
  shell: Shell,
): Promise<string> {
  const { end, clockOffsetMs } = bundle.manifest.window
  // Times are the API server's.
  const narrowing = readNarrowing(flags, new Date(Date.parse(end) + (clockOffsetMs ?? 0)))
  if (flags.timeline === true) {
    const { drawTimeline } = await import('./timeline.ts')
    return drawTimeline(bundle, narrowing, format)
  }
  const { analyze } = await import('../../rca/analyze.ts')
  const report = await analyze(bundle, { name: nameOf(source, bundle), toolVersion: VERSION, ...narrowing })
  shell.exitCode = flags.failOn !== undefined && isMet(report, flags.failOn) ? 1 : 0
  return draw(report, flags, format, shell)
}

/** The file's name without its path; what came through a pipe is called as a capture would have called it. */
function nameOf(source: string, { manifest }: BundleReader): string {
  if (source !== '-') return basename(resolve(source))
  return `${bundleName(manifest.cluster.name, new Date(manifest.window.start))}.tar.gz`
}

async function draw(report: Report, flags: AnalyzeFlags, format: AnalyzeFormat, shell: Shell): Promise<string> {
  if (flags.whyNot !== undefined) return drawWhyNot(report, flags.whyNot, format)
  if (format === 'json') return `${JSON.stringify(report, null, 2)}\n`
  if (format === 'md') return (await import('../../report/markdown.ts')).renderMarkdown(report)
  const { renderText } = await import('../../report/text.ts')
  const isPrinted = flags.output === undefined || flags.output === '-'
  return renderText(report, { paint: isPrinted ? paintFor(shell.stdout) : plainPaint, why: flags.why === true })
}

async function drawWhyNot(report: Report, id: string, format: AnalyzeFormat): Promise<string> {
  const { renderWhyNot, whyNot } = await import('../../report/why-not.ts')
  const answer = whyNot(report, id)
  return format === 'json' ? `${JSON.stringify(answer, null, 2)}\n` : renderWhyNot(answer)
}

function isMet({ causes }: Report, least: NonNullable<AnalyzeFlags['failOn']>): boolean {
  const limit = CONFIDENCES.indexOf(least)
  return causes.some(({ confidence }) => CONFIDENCES.indexOf(confidence) <= limit)
}

async function check(bundle: BundleReader, path: string, format: AnalyzeFormat, shell: Shell): Promise<string> {
  const { checkReport, drawCheck } = await import('./check-report.ts')
  const checked = await checkReport(bundle, path)
  shell.exitCode = checked.status === 'sound' ? 0 : 1
  return format === 'json' ? `${JSON.stringify(checked)}\n` : drawCheck(checked)
}
