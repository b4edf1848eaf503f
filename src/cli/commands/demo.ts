import { Command } from 'commander'
import { type DemoFlags, runDemo } from '../demo/action.ts'
import { addPlaceOptions, addReportOptions } from '../output.ts'
import type { Shell } from '../shell.ts'

/** `freezeframe demo`: the whole thing with no cluster at hand. */
export function demoCommand(shell: Shell): Command {
  const command = new Command('demo')
    .summary('capture and explain a recorded incident; needs no cluster')
    .description(
      'Replays an incident that was recorded from a real cluster, on loopback, and captures it as `capture` would, into this folder. Then explains the bundle as `analyze` does, and says how to look further.',
    )
    .usage('[options] [incident]')
    .argument('[incident]', 'one of --list, or how its name begins (default: crash-loop-after-config-change)')
    .option('--list', 'print the recorded incidents')
  addPlaceOptions(command)
  addReportOptions(command)
  return command
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
