import { Argument, Command } from 'commander'
import type { Shell } from '../shell.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const

/** `freezeframe completion SHELL`: a script made from the tree of commands, so that it never lags behind. */
export function completionCommand(shell: Shell): Command {
  return new Command('completion')
    .summary('print the completion script of a shell')
    .description('Prints a script that completes commands, options and their values.')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(SHELLS))
    .addHelpText('after', HELP)
    .action(async (name: (typeof SHELLS)[number], _flags: object, self: Command) => {
      const { completionScript } = await import('../completion/script.ts')
      shell.stdout.write(completionScript(name, self.parent ?? self))
    })
}

const HELP = `
Examples:
  source <(freezeframe completion bash)                    in ~/.bashrc
  source <(freezeframe completion zsh)                     in ~/.zshrc
  freezeframe completion fish > ~/.config/fish/completions/freezeframe.fish`
