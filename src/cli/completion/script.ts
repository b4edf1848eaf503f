import type { Command } from 'commander'
import { bashScript } from './bash.ts'
import { fishScript } from './fish.ts'
import { completedCommands, type NamedValues } from './tree.ts'
import { zshScript } from './zsh.ts'

/** The completion script of a shell for a program. */
export function completionScript(shell: 'bash' | 'zsh' | 'fish', program: Command, named: NamedValues): string {
  const commands = completedCommands(program, named)
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](commands)
}
