import { once } from 'node:events'
import { bundleName } from '../../bundle/format.ts'
import { FreezeframeError } from '../../error.ts'
import type { Surroundings } from '../capture/action.ts'
import { failWith } from '../error-report.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { keepHeapSmall } from '../keep-heap-small.ts'
import { paintFor, type Shell, writeNeeded } from '../shell.ts'
import { announce, announceGaps, formatMoment } from './announce.ts'
import { type Served, serveBundle } from './open.ts'
import { type Program, runProgram } from './program.ts'
import { readServeRequest, type ServeFlags } from './request.ts'
import { openUserShell, quote } from './user-shell.ts'

/** Serves a bundle: to one program, to a shell, or until it is interrupted. */
export async function runServe(
  source: string,
  program: readonly string[],
  flags: ServeFlags,
  { shell, debug }: Surroundings,
): Promise<void> {
  // From here on, so that a signal finds somebody who removes what was written.
  const interrupt = listenForInterrupt(() => process.exit(1))
  try {
    const request = readServeRequest(source, flags)
    keepHeapSmall()
    if (flags.shell) checkShell(program, shell)
    const served = await serveBundle(request)
    try {
      if (interrupt.signal.aborted) return
      if (!flags.shell && program.length === 0) return await serveUntil(interrupt.signal, served, shell)
      const prepared = flags.shell ? await prepareShell(served, shell) : prepareProgram(served, program, shell)
      shell.exitCode = await runProgram(prepared, shell, interrupt.dispose)
    } finally {
      await served.close()
    }
  } catch (error) {
    failWith(shell, error, { debug })
  } finally {
    interrupt.dispose()
  }
}

/** One line on stdout to paste into another terminal, what it shows on stderr. Nobody can reach what nobody was told of. */
async function serveUntil(signal: AbortSignal, served: Served, shell: Shell): Promise<void> {
  shell.stderr.write(announce(served, paintFor(shell.stderr)))
  shell.stderr.write('Ctrl-C ends it. In another terminal:\n')
  await writeNeeded(shell.stdout, `export KUBECONFIG=${quote(served.kubeconfig)}\n`)
  if (!signal.aborted) await once(signal, 'abort')
}

/** What a program prints is its own; it is preceded by nothing but what must not be taken for health. */
function prepareProgram(served: Served, [command = '', ...args]: readonly string[], shell: Shell): Program {
  shell.stderr.write(announceGaps(served, paintFor(shell.stderr)))
  return { command, args, env: { KUBECONFIG: served.kubeconfig } }
}

async function prepareShell(served: Served, shell: Shell): Promise<Program> {
  const { replay, kubeconfig, folder } = served
  shell.stderr.write(announce(served, paintFor(shell.stderr)))
  shell.stderr.write('`exit` ends it.\n')
  const mark = `[${promptName(replay.manifest.cluster.name)} ${formatMoment(replay.now)}] `
  return openUserShell({ command: shell.env.SHELL || '/bin/sh', kubeconfig, mark, folder, env: shell.env })
}

/** A bundle may come from a stranger, and prompts are evaluated: only the letters that bundles are named with. */
function promptName(cluster: string): string {
  return bundleName(cluster, new Date(0)).replace(/^freezeframe-|-\d{8}T\d{6}Z$/g, '')
}

function checkShell([command]: readonly string[], { stdout }: Shell): void {
  if (command !== undefined) {
    throw new FreezeframeError('OPTION_INVALID', `Both --shell and a program, "${command}", were given.`, {
      remedy: 'Give one of them.',
    })
  }
  if (!process.stdin.isTTY || !stdout.isTTY) {
    throw new FreezeframeError('OPTION_INVALID', '--shell needs a terminal.', {
      remedy: 'Without one, give a program: freezeframe serve BUNDLE -- PROGRAM.',
    })
  }
}
