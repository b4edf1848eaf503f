import { Command, Option } from 'commander'
import { append } from '../connection.ts'
import { type DemoFlags, runDemo } from '../demo/action.ts'
import { PROGRESS_MODES } from '../progress/progress.ts'
import type { Shell } from '../shell.ts'

/** `freezeframe demo`: the whole thing with no cluster at hand. */
export function demoCommand(shell: Shell): Command {
  return new Command('demo')
    .summary('capture a recorded incident; needs no cluster')
    .description(
      'Replays an incident that was recorded from a real cluster, on loopback, and captures it as `capture` would, into this folder. Then says what to do with the bundle.',
    )
    .usage('[options] [incident]')
    .argument('[incident]', 'one of --list (default: crash-loop-after-config-change)')
    .option('--list', 'print the recorded incidents')
    .option('-o, --output <path>', 'file, folder or - for stdout (repeatable; default: this folder)', append, undefined)
    .option('--force', 'replace an output that exists')
    .addOption(
      new Option('--format <format>', 'what stdout gets: the path, or a summary')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addOption(
      new Option('--progress <view>', 'what stderr shows while it runs').choices([...PROGRESS_MODES]).default('auto'),
    )
    .addHelpText('after', HELP)
    .action(async (incident: string | undefined, flags: DemoFlags, self: Command) => {
      await runDemo(incident, flags, { shell, debug: self.optsWithGlobals().debug === true })
    })
}

const HELP = `
Examples:
  freezeframe demo
  freezeframe demo --list
  freezeframe demo unschedulable-after-rollout -o /tmp

Exit codes: as capture.`
