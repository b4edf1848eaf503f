import type { Argument, Command, Option } from 'commander'

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

/** Values of arguments and options that are not written in the tree, by the name of their place: `rule`. */
export type NamedValues = Readonly<Record<string, readonly string[]>>

/** The commands below the program, with the options that each understands; `help` and the program's own options are included. */
export function completedCommands(program: Command, named: NamedValues): CompletedCommand[] {
  const globals = [...program.options].filter((option) => option.long !== '--version')
  const commands = program.commands.filter((command) => command.name() !== 'help')
  const names = commands.map((command) => command.name())
  return [
    ...commands.map((command) => ({
      name: command.name(),
      summary: command.summary(),
      options: [...command.options, ...globals].map((option) => describeOption(option, named)).concat(HELP),
      values: valuesOf(command.registeredArguments[0], named),
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

function valuesOf(argument: Argument | undefined, named: NamedValues): readonly string[] | undefined {
  return argument?.argChoices ?? named[argument?.name() ?? '']
}

function describeOption(option: Option, named: NamedValues): CompletedOption {
  return {
    short: option.short,
    long: option.long ?? '',
    description: option.description,
    takes: takenBy(option),
    values: option.argChoices ?? named[/<(\w+)>/.exec(option.flags)?.[1] ?? ''] ?? [],
  }
}

function takenBy(option: Option): CompletedOption['takes'] {
  if (!option.required) return 'nothing'
  return /<(file|folder|path)>/.test(option.flags) ? 'a file' : 'a word'
}
