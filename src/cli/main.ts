import { CommanderError } from 'commander'
import { failWith } from './error-report.ts'
import { createProgram } from './program.ts'
import { drained, lostResult, openShell, type Shell } from './shell.ts'

/** Runs the command line and ends the process: 0 complete, 1 partial, 2 nothing was done. */
export async function main(argv: readonly string[]): Promise<void> {
  const shell = openShell()
  // Should a promise never settle, Node ends by itself: that is no success.
  process.exitCode = 2
  await run(argv, shell)
  // A stream that broke takes nothing more.
  if (!shell.unprinted) await drained(shell.stdout)
  const lost = lostResult(shell)
  // What failed has said so, and its exit code is the better one.
  if (lost && shell.exitCode === 0) failWith(shell, lost, { debug: argv.includes('--debug') })
  await drained(shell.stderr)
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
