import type { Command } from 'commander'
import { bashScript } from './bash.ts'
import { fishScript } from './fish.ts'
import { completedCommands } from './tree.ts'
import { zshScript } from './zsh.ts'

/** The completion script of a shell for a program. */
export function completionScript(shell: 'bash' | 'zsh' | 'fish', program: Command): string {
  const commands = completedCommands(program)
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](commands)
}
