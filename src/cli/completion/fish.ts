import type { CompletedCommand, CompletedOption } from './tree.ts'

/** Fish: one `complete` line for each command and option. */
export function fishScript(commands: readonly CompletedCommand[]): string {
  const lines = ['freezeframe', 'kubectl-freezeframe'].flatMap((program) => [
    ...commands.map(
      (one) => `complete -c ${program} -n __fish_use_subcommand -f -a ${one.name} -d ${quote(one.summary)}`,
    ),
    ...commands.flatMap((one) => commandLines(program, one)),
  ])
  return `# fish completion for freezeframe\n${lines.join('\n')}\n`
}

function commandLines(program: string, command: CompletedCommand): string[] {
  const seen = `complete -c ${program} -n '__fish_seen_subcommand_from ${command.name}'`
  const values = command.values ? [`${seen} -f -a ${quote(command.values.join(' '))}`] : []
  return [...values, ...command.options.map((option) => `${seen} ${optionFlags(option)}`)]
}

function optionFlags(option: CompletedOption): string {
  const short = option.short === undefined ? '' : `-s ${option.short.slice(1)} `
  return `${short}-l ${option.long.slice(2)}${takes(option)} -d ${quote(option.description)}`
}

function takes(option: CompletedOption): string {
  if (option.takes === 'nothing') return ''
  if (option.values.length > 0) return ` -x -a ${quote(option.values.join(' '))}`
  return option.takes === 'a file' ? ' -r -F' : ' -x'
}

function quote(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`
}
