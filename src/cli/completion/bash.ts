import type { CompletedCommand, CompletedOption } from './tree.ts'

/** Bash: one function; works with the bash 3.2 of macOS and without the bash-completion package. */
export function bashScript(commands: readonly CompletedCommand[]): string {
  return `# bash completion for freezeframe
_freezeframe() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map((one) => one.name).join(' ')} --help --version" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${commands.map(commandCase).join('\n')}
  esac
}
complete -F _freezeframe freezeframe kubectl-freezeframe
`
}

function commandCase(command: CompletedCommand): string {
  const words = command.options.flatMap((option) => [option.short, option.long]).filter(Boolean)
  const first = command.values
    ? `$(compgen -W "${command.values.join(' ')}" -- "$current")`
    : '$(compgen -f -- "$current")'
  return `    ${command.name})
      case "$previous" in
${command.options.flatMap(optionCase).join('\n')}
      esac
      case "$current" in
        -*) COMPREPLY=($(compgen -W "${words.join(' ')}" -- "$current")) ;;
        *) COMPREPLY=(${first}) ;;
      esac
      ;;`
}

function optionCase(option: CompletedOption): string[] {
  if (option.takes === 'nothing') return []
  const names = [option.short, option.long].filter(Boolean).join('|')
  if (option.values.length > 0) {
    return [`        ${names}) COMPREPLY=($(compgen -W "${option.values.join(' ')}" -- "$current")); return ;;`]
  }
  return [`        ${names}) ${option.takes === 'a file' ? 'COMPREPLY=($(compgen -f -- "$current")); ' : ''}return ;;`]
}
