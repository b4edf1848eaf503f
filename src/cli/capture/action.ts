import type { CaptureOptions, CaptureResult } from '../../capture/options.ts'
import { connect } from '../connection.ts'
import { failWith } from '../error-report.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { keepHeapSmall } from '../keep-heap-small.ts'
import { openProgress, type ProgressView } from '../progress/progress.ts'
import { paintFor, type Shell, writeJson } from '../shell.ts'
import { boundHeaps } from './bound-heaps.ts'
import { drawPlan } from './plan-table.ts'
import { type CaptureFlags, type CaptureRequest, readRequest } from './request.ts'
import { describeSummary, drawSummary } from './summary.ts'

/** How a command runs: the process around it, and whether stacks are wanted. */
export interface Surroundings {
  readonly shell: Shell
  readonly debug: boolean
}

/**
 * Captures, or with `--plan` says what would be captured; prints the result on stdout and sets the exit code. Gives the paths of the
 * bundles that were written.
 */
export async function runCapture(flags: CaptureFlags, { shell, debug }: Surroundings): Promise<readonly string[]> {
  try {
    const { collectors } = await import('../../../collectors/index.ts')
    const request = await readRequest(flags, {
      collectors: collectors.map((collector) => collector.id),
      stdoutIsTerminal: Boolean(shell.stdout.isTTY),
      now: new Date(),
    })
    if (flags.plan) await plan(flags, request, shell)
    else return await capture(flags, request, shell)
  } catch (error) {
    failWith(shell, error, { ...flags, debug })
  }
  return []
}

async function plan(flags: CaptureFlags, request: CaptureRequest, shell: Shell): Promise<void> {
  const { planCapture } = await import('../../capture/plan.ts')
  const kube = await connect(flags, shell)
  try {
    const planned = await planCapture({ ...request, kube, signal: new AbortController().signal })
    shell.stdout.write(
      flags.format === 'json' ? `${JSON.stringify(planned, null, 2)}\n` : drawPlan(planned, paintFor(shell.stdout)),
    )
  } finally {
    await kube.close()
  }
}

async function capture(flags: CaptureFlags, request: CaptureRequest, shell: Shell): Promise<readonly string[]> {
  keepHeapSmall()
  boundHeaps()
  const kube = await connect(flags, shell)
  const view = openProgress(flags.progress, shell, request.deadline)
  const interrupt = listenForInterrupt(() => stopAtOnce(shell, view))
  try {
    const result = await runWith({ ...request, kube, signal: interrupt.signal, onEvent: view.show })
    view.close()
    printResult(flags, result, shell)
    shell.exitCode = isComplete(result) ? 0 : 1
    return writtenPaths(result)
  } finally {
    view.close()
    interrupt.dispose()
    await kube.close()
  }
}

async function runWith(options: CaptureOptions): Promise<CaptureResult> {
  const run = await import('../../capture/run.ts')
  return run.capture(options)
}

/** A second Ctrl-C: the file keeps its `.partial` name and can still be opened up to its last flush. */
function stopAtOnce(shell: Shell, view: ProgressView): never {
  view.close()
  shell.stderr.write('Stopped at once: the bundle was not closed; what was written is in its .partial file.\n')
  process.exit(1)
}

/** Says on stderr what came of it, and on stdout where the bundle is, unless stdout got the bundle itself. */
function printResult(flags: CaptureFlags, result: CaptureResult, shell: Shell): void {
  const summary = describeSummary(result)
  if (flags.progress === 'json')
    writeJson(shell.stderr, { time: new Date().toISOString(), type: 'summary', ...summary })
  else if (flags.progress !== 'none') shell.stderr.write(drawSummary(summary, paintFor(shell.stderr)))
  if (flags.format === 'json') writeJson(shell.stdout, summary)
  else if (!result.outputs.some((output) => output.target === '-'))
    shell.stdout.write(
      writtenPaths(result)
        .map((path) => `${path}\n`)
        .join(''),
    )
}

function writtenPaths({ outputs }: CaptureResult): string[] {
  return outputs.flatMap(({ target, error }) => (error === undefined ? [target] : []))
}

/** A run of which one output broke did not do everything it was asked to, even where the other one is complete. */
function isComplete({ manifest, outputs }: CaptureResult): boolean {
  return manifest.outcome.status === 'complete' && outputs.every((output) => output.error === undefined)
}
