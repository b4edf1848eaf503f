import type { Command, Option } from 'commander'

/** What completion needs to know of one command. */
export interface CompletedCommand {
  readonly name: string
  readonly summary: string
  readonly options: readonly CompletedOption[]
  /** Values of the first argument, or undefined where it is a file. */
  readonly values: readonly string[] | undefined
}

export interface CompletedOption {
  readonly short: string | undefined
  readonly long: string
  readonly description: string
  readonly takes: 'nothing' | 'a file' | 'a word'
  readonly values: readonly string[]
}

/** The commands below the program, with the options that each understands; `help` and the program's own options are included. */
export function completedCommands(program: Command): CompletedCommand[] {
  const globals = [...program.options].filter((option) => option.long !== '--version')
  const commands = program.commands.filter((command) => command.name() !== 'help')
  const names = commands.map((command) => command.name())
  return [
    ...commands.map((command) => ({
      name: command.name(),
      summary: command.summary(),
      options: [...command.options, ...globals].map(describeOption).concat(HELP),
      values: command.registeredArguments[0]?.argChoices,
    })),
    { name: 'help', summary: 'print the help of a command', options: [], values: names },
  ]
}

const HELP: CompletedOption = {
  short: '-h',
  long: '--help',
  description: 'print this help',
  takes: 'nothing',
  values: [],
}

function describeOption(option: Option): CompletedOption {
  return {
    short: option.short,
    long: option.long ?? '',
    description: option.description,
    takes: takenBy(option),
    values: option.argChoices ?? [],
  }
}

function takenBy(option: Option): CompletedOption['takes'] {
  if (!option.required) return 'nothing'
  return /<(file|folder|path)>/.test(option.flags) ? 'a file' : 'a word'
}
