import type { CompletedCommand, CompletedOption } from './tree.ts'

/** Zsh: `_arguments` for each command (zshcompsys(1)). */
export function zshScript(commands: readonly CompletedCommand[]): string {
  return `#compdef freezeframe kubectl-freezeframe
_freezeframe() {
  local -a commands
  commands=(
${commands.map((one) => `    ${quote(`${one.name}:${one.summary}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$command" in
${commands.map(commandCase).join('\n')}
  esac
}
if [ "$funcstack[1]" = "_freezeframe" ]; then _freezeframe "$@"; else compdef _freezeframe freezeframe kubectl-freezeframe; fi
`
}

function commandCase(command: CompletedCommand): string {
  const argument = command.values ? `1: :(${command.values.join(' ')})` : '*:file:_files'
  const specs = [...command.options.map(optionSpec), quote(argument)]
  return `    ${command.name})
      _arguments -s \\
${specs.map((spec) => `        ${spec}`).join(' \\\n')}
      ;;`
}

function optionSpec(option: CompletedOption): string {
  const names = option.short === undefined ? option.long : `{${option.short},${option.long}}`
  const text = `[${option.description.replace(/[[\]:\\]/g, '\\$&')}]${action(option)}`
  return `'*'${names}${quote(text)}`
}

function action(option: CompletedOption): string {
  if (option.takes === 'nothing') return ''
  if (option.values.length > 0) return `: :(${option.values.join(' ')})`
  return option.takes === 'a file' ? ': :_files' : ': : '
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
