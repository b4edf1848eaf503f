# bash completion for freezeframe
_freezeframe() {
  local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "capture analyze explain serve verify permissions demo completion help --help --version" -- "$current"))
    return
  fi
  case "${COMP_WORDS[1]}" in
    capture)
      case "$previous" in
        -o|--output) COMPREPLY=($(compgen -f -- "$current")); return ;;
        --format) COMPREPLY=($(compgen -W "text json" -- "$current")); return ;;
        --progress) COMPREPLY=($(compgen -W "auto live plain json none" -- "$current")); return ;;
        --deadline) return ;;
        --max-size) return ;;
        -n|--namespace) return ;;
        --focus) return ;;
        --only) return ;;
        --skip) return ;;
        --logs) COMPREPLY=($(compgen -W "all suspects none" -- "$current")); return ;;
        --nodes) return ;;
        --samples) COMPREPLY=($(compgen -W "1 2" -- "$current")); return ;;
        --interval) return ;;
        --since) return ;;
        --probe-image) return ;;
        --probe-namespace) return ;;
        --redaction-key) COMPREPLY=($(compgen -f -- "$current")); return ;;
        --cluster-name) return ;;
        --kubeconfig) COMPREPLY=($(compgen -f -- "$current")); return ;;
        --context) return ;;
        --as) return ;;
        --as-group) return ;;
        --kubelet-ca) COMPREPLY=($(compgen -f -- "$current")); return ;;
      esac
      case "$current" in
        -*) COMPREPLY=($(compgen -W "-o --output --force --plan --format --progress --deadline --max-size -n --namespace --focus --only --skip --logs --nodes --samples --interval --since --allow-exec --probe-pods --probe-image --probe-namespace --node-diagnostic --full --config-data --drop-node-images --redaction-key --cluster-name --kubeconfig --context --as --as-group --kubelet-ca --allow-nodes-proxy --debug -h --help" -- "$current")) ;;
        *) COMPREPLY=($(compgen -f -- "$current")) ;;
      esac
      ;;
    analyze)
      case "$previous" in
        --format) COMPREPLY=($(compgen -W "text md json" -- "$current")); return ;;
        -o|--output) COMPREPLY=($(compgen -f -- "$current")); return ;;
        --why-not) COMPREPLY=($(compgen -W "RULES" -- "$current")); return ;;
        --focus) return ;;
        --from) return ;;
        --to) return ;;
        --fail-on) COMPREPLY=($(compgen -W "confirmed probable possible" -- "$current")); return ;;
        --check) return ;;
        --tmp-dir) COMPREPLY=($(compgen -f -- "$current")); return ;;
      esac
      case "$current" in
        -*) COMPREPLY=($(compgen -W "--format -o --output --force --why --why-not --timeline --focus --from --to --fail-on --check --tmp-dir --debug -h --help" -- "$current")) ;;
        *) COMPREPLY=($(compgen -f -- "$current")) ;;
      esac
      ;;
    explain)
      case "$previous" in
        --format) COMPREPLY=($(compgen -W "text md json" -- "$current")); return ;;
      esac
      case "$current" in
        -*) COMPREPLY=($(compgen -W "--format --debug -h --help" -- "$current")) ;;
        *) COMPREPLY=($(compgen -W "RULES" -- "$current")) ;;
      esac
      ;;
    serve)
      case "$previous" in
        --at) return ;;
        --address) return ;;
        --port) return ;;
        --kubeconfig-out) COMPREPLY=($(compgen -f -- "$current")); return ;;
        --tmp-dir) COMPREPLY=($(compgen -f -- "$current")); return ;;
      esac
      case "$current" in
        -*) COMPREPLY=($(compgen -W "--shell --at --replay-changes --address --port --kubeconfig-out --cache --tmp-dir --debug -h --help" -- "$current")) ;;
        *) COMPREPLY=($(compgen -f -- "$current")) ;;
      esac
      ;;
    verify)
      case "$previous" in
        --tmp-dir) COMPREPLY=($(compgen -f -- "$current")); return ;;
        --format) COMPREPLY=($(compgen -W "text json" -- "$current")); return ;;
      esac
      case "$current" in
        -*) COMPREPLY=($(compgen -W "--tmp-dir --format --debug -h --help" -- "$current")) ;;
        *) COMPREPLY=($(compgen -f -- "$current")) ;;
      esac
      ;;
    permissions)
      case "$previous" in
        -n|--namespace) return ;;
        --tier) return ;;
        --name) return ;;
        --service-account) return ;;
        --format) COMPREPLY=($(compgen -W "yaml json" -- "$current")); return ;;
        --kubeconfig) COMPREPLY=($(compgen -f -- "$current")); return ;;
        --context) return ;;
        --as) return ;;
        --as-group) return ;;
      esac
      case "$current" in
        -*) COMPREPLY=($(compgen -W "-n --namespace --offline --tier --name --service-account --format --kubeconfig --context --as --as-group --debug -h --help" -- "$current")) ;;
        *) COMPREPLY=($(compgen -f -- "$current")) ;;
      esac
      ;;
    demo)
      case "$previous" in
        -o|--output) COMPREPLY=($(compgen -f -- "$current")); return ;;
        --format) COMPREPLY=($(compgen -W "text json" -- "$current")); return ;;
        --progress) COMPREPLY=($(compgen -W "auto live plain json none" -- "$current")); return ;;
      esac
      case "$current" in
        -*) COMPREPLY=($(compgen -W "--list -o --output --force --format --progress --debug -h --help" -- "$current")) ;;
        *) COMPREPLY=($(compgen -f -- "$current")) ;;
      esac
      ;;
    completion)
      case "$previous" in

      esac
      case "$current" in
        -*) COMPREPLY=($(compgen -W "--debug -h --help" -- "$current")) ;;
        *) COMPREPLY=($(compgen -W "bash zsh fish" -- "$current")) ;;
      esac
      ;;
    help)
      case "$previous" in

      esac
      case "$current" in
        -*) COMPREPLY=($(compgen -W "" -- "$current")) ;;
        *) COMPREPLY=($(compgen -W "capture analyze explain serve verify permissions demo completion" -- "$current")) ;;
      esac
      ;;
  esac
}
complete -F _freezeframe freezeframe kubectl-freezeframe
