import { Argument, Command } from 'commander'
import type { Rule } from '../../rules/rule.ts'
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
      const { rules } = await import('../../rules/index.ts')
      const known: readonly Rule[] = rules.filter(({ domain }) => domain !== 'generic')
      shell.stdout.write(completionScript(name, self.parent ?? self, { rule: known.map(({ id }) => id) }))
    })
}

const HELP = `
Examples:
  source <(freezeframe completion bash)                    in ~/.bashrc
  source <(freezeframe completion zsh)                     in ~/.zshrc
  freezeframe completion fish > ~/.config/fish/completions/freezeframe.fish`
