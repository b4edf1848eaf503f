import { Command } from 'commander'
import { analyzeCommand } from './commands/analyze.ts'
import { captureCommand } from './commands/capture.ts'
import { completionCommand } from './commands/completion.ts'
import { demoCommand } from './commands/demo.ts'
import { explainCommand } from './commands/explain.ts'
import { permissionsCommand } from './commands/permissions.ts'
import { serveCommand } from './commands/serve.ts'
import { verifyCommand } from './commands/verify.ts'
import type { Shell } from './shell.ts'
import { VERSION } from './version.ts'

/** The tree of commands. Building it loads commander and nothing heavier: every action imports what it needs when it runs. */
export function createProgram(shell: Shell): Command {
  const program = new Command('freezeframe')
    .description('Captures the evidence of a burning Kubernetes cluster into one bundle, before auto-heal destroys it.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpCommand('help [command]', 'print the help of a command')
    .option('--debug', 'print the stack of an unexpected error')
    .addHelpText('after', HELP)
  const commands = [
    captureCommand(shell),
    analyzeCommand(shell),
    explainCommand(shell),
    serveCommand(shell),
    verifyCommand(shell),
    permissionsCommand(shell),
    demoCommand(shell),
    completionCommand(shell),
  ]
  for (const command of commands) program.addCommand(command)
  return applyHouseRules(program, shell)
}

const HELP = `
Examples:
  freezeframe capture                        capture the current context into this folder
  freezeframe capture -n shop --deadline 90s one namespace, in at most 90 seconds
  freezeframe capture --plan                 what would be asked, and what is denied
  freezeframe analyze bundle.tar.gz          what is broken, why, and what to do now
  freezeframe serve bundle.tar.gz -- kubectl get pods -A
  freezeframe demo                           no cluster at hand: a recorded incident, explained
  freezeframe permissions | kubectl apply -f -
  freezeframe verify freezeframe-prod-20260131T235959Z.tar.gz

Also installed as a kubectl plugin: kubectl freezeframe capture.
Exit codes: 0 complete, 1 partial, 2 nothing was done.`

/** What every command has in common: no exit of its own, a hint after a usage error, the shell's streams, help that fits 80 columns. */
function applyHouseRules(command: Command, shell: Shell): Command {
  command
    .exitOverride()
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError(`Run \`${pathOf(command)} --help\` to see what there is.`)
    .configureOutput({
      writeOut: (text) => shell.stdout.write(text),
      writeErr: (text) => shell.stderr.write(text),
      getOutHelpWidth: () => widthOf(shell.stdout),
      getErrHelpWidth: () => widthOf(shell.stderr),
    })
  for (const child of command.commands) applyHouseRules(child, shell)
  return command
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name()
}

/** Wide lines are hard to read; pipes get the width that everyone has. */
function widthOf(stream: NodeJS.WriteStream): number {
  return Math.min(stream.columns || 80, 100)
}
