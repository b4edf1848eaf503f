import { CommanderError } from 'commander'
import { failWith } from './error-report.ts'
import { createProgram } from './program.ts'
import { drained, openShell, type Shell } from './shell.ts'

/** Runs the command line and ends the process: 0 complete, 1 partial, 2 nothing was done. */
export async function main(argv: readonly string[]): Promise<void> {
  const shell = openShell()
  // Should a promise never settle, Node ends by itself: that is no success.
  process.exitCode = 2
  await run(argv, shell)
  await Promise.all([drained(shell.stdout), drained(shell.stderr)])
  process.exit(shell.exitCode)
}

async function run(argv: readonly string[], shell: Shell): Promise<void> {
  try {
    await createProgram(shell).parseAsync(argv, { from: 'user' })
  } catch (error) {
    // Commander has printed its own errors, and help and version are no errors.
    if (error instanceof CommanderError) shell.exitCode = isAnswer(error) ? 0 : 2
    else failWith(shell, error, { debug: argv.includes('--debug') })
  }
}

function isAnswer(error: CommanderError): boolean {
  return ['commander.helpDisplayed', 'commander.version'].includes(error.code)
}
