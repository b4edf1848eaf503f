import { inspect } from 'node:util'
import { FreezeframeError } from '../error.ts'
import { paintFor, type Shell, writeJson } from './shell.ts'
import { printable } from './text.ts'

/** An error as automation reads it (`--format json`, `--progress json`). */
interface ErrorReport {
  readonly code: string
  readonly message: string
  readonly remedy?: string
}

/** Ends a command that could not do its work: exit code 2, and the error in the form that whoever reads the streams expects. */
export function failWith(
  shell: Shell,
  error: unknown,
  options: { debug: boolean; format?: string; progress?: string },
): void {
  shell.exitCode = 2
  if (options.progress === 'json')
    writeJson(shell.stderr, { time: new Date().toISOString(), type: 'error', ...describeError(error) })
  else printError(shell, error, options.debug)
  if (options.format === 'json') writeJson(shell.stdout, { error: describeError(error) })
}

/** One sentence and what to do. Never a stack, a header or a body, unless `--debug` asks for it. */
function printError(shell: Shell, error: unknown, debug: boolean): void {
  const { message, remedy } = describeError(error)
  shell.stderr.write(`${paintFor(shell.stderr)('red', 'error:')} ${printable(message)}\n`)
  if (remedy !== undefined) shell.stderr.write(`${printable(remedy)}\n`)
  if (debug) shell.stderr.write(`${inspect(error)}\n`)
}

/** What an error says to whoever can act on it. KubeErrors are known by name: their class lives in modules that `--help` must not load. */
function describeError(error: unknown): ErrorReport {
  if (error instanceof FreezeframeError) {
    return {
      code: error.code,
      message: error.message,
      ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    }
  }
  if (error instanceof Error && error.name === 'KubeError') return { code: 'REQUEST_FAILED', message: error.message }
  return {
    code: 'UNEXPECTED',
    message: `Something unexpected happened: ${error instanceof Error ? error.message : String(error)}`,
    remedy: 'This is a bug in freezeframe; run the command again with --debug to see where.',
  }
}
