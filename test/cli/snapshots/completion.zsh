#compdef freezeframe kubectl-freezeframe
_freezeframe() {
  local -a commands
  commands=(
    'capture:capture a cluster into one bundle'
    'analyze:explain a bundle: what is broken, why, and what to do now'
    'explain:tell what a failure mode is, what proves it and what to do'
    'serve:answer kubectl from a bundle'
    'verify:check that a bundle is whole and unchanged'
    'permissions:print the role that a complete capture needs'
    'demo:capture and explain a recorded incident; needs no cluster'
    'completion:print the completion script of a shell'
    'help:print the help of a command'
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$command" in
    capture)
      _arguments -s \
        '*'{-o,--output}'[file, folder or - for stdout (repeatable; default\: this folder)]: :_files' \
        '*'--force'[replace an output that exists]' \
        '*'--plan'[print what would be asked and what is denied; capture nothing]' \
        '*'--format'[what stdout gets\: the path, or a summary]: :(text json)' \
        '*'--progress'[what stderr shows while it runs]: :(auto live plain json none)' \
        '*'--deadline'[close the bundle after this long]: : ' \
        '*'--max-size'[close the bundle before it gets larger (500Mi, 2GiB)]: : ' \
        '*'{-n,--namespace}'[only this namespace, and cluster-scoped objects (repeatable)]: : ' \
        '*'--focus'[kind/namespace/name whose logs matter (repeatable)]: : ' \
        '*'--only'[run only these collectors (comma-separated)]: : ' \
        '*'--skip'[leave these collectors out (comma-separated)]: : ' \
        '*'--logs'[whose logs\: every pod, suspects and their controls, none]: :(all suspects none)' \
        '*'--nodes'[whose kubelets\: suspects and their controls, all, none, or names]: : ' \
        '*'--samples'[how often counters of nodes are read\: only two make a rate]: :(1 2)' \
        '*'--interval'[time between the two samples (default\: 30s)]: : ' \
        '*'--since'[only log lines after this time, or this long ago (1h)]: : ' \
        '*'--allow-exec'[run conntrack and iconv in pods of aws-node and kube-proxy]' \
        '*'--probe-pods'[create a Job on each chosen node, and delete it afterwards]' \
        '*'--probe-image'[image of the probes, with sh, awk and tar (default\: a known one on the node)]: : ' \
        '*'--probe-namespace'[namespace of the probes, which must allow privileged pods]: : ' \
        '*'--node-diagnostic'[have the EKS node monitoring agents collect logs of their nodes]' \
        '*'--full'[whole tables of connections, not only their summary]' \
        '*'--config-data'[keep the values of ConfigMaps (default\: key names and hashes)]' \
        '*'--drop-node-images'[leave out the image lists of nodes]' \
        '*'--redaction-key'[key of the pseudonyms, to compare bundles (default\: random)]: :_files' \
        '*'--cluster-name'[name of the cluster in the bundle (default\: the kubeconfig'\''s)]: : ' \
        '*'--kubeconfig'[kubeconfig to use (default\: KUBECONFIG, ~/.kube/config, or the pod itself)]: :_files' \
        '*'--context'[context of the kubeconfig]: : ' \
        '*'--as'[user to impersonate]: : ' \
        '*'--as-group'[group to impersonate (repeatable)]: : ' \
        '*'--kubelet-ca'[authorities of the kubelets (default\: the cluster'\''s)]: :_files' \
        '*'--allow-nodes-proxy'[reach kubelets by nodes/proxy, which equals exec on every node]' \
        '*'--debug'[print the stack of an unexpected error]' \
        '*'{-h,--help}'[print this help]' \
        '*:file:_files'
      ;;
    analyze)
      _arguments -s \
        '*'--format'[text, md (for a postmortem) or json (default\: as --output ends, otherwise text)]: :(text md json)' \
        '*'{-o,--output}'[write it into this file instead of to stdout]: :_files' \
        '*'--force'[replace an output that exists]' \
        '*'--why'[show every cause with its points]' \
        '*'--why-not'[say why a rule did not fire]: :(RULES)' \
        '*'--timeline'[print everything dated instead of the report, oldest first]' \
        '*'--focus'[kind/namespace/name\: only what hangs together with it]: : ' \
        '*'--from'[leave out what was over before (RFC 3339, or 30m before the end of the capture)]: : ' \
        '*'--to'[leave out what began later]: : ' \
        '*'--fail-on'[exit 1 if a cause is at least this sure]: :(confirmed probable possible)' \
        '*'--check'[hold a report (--format json) against the bundle instead]: : ' \
        '*'--tmp-dir'[where a bundle that cannot be read in place is unpacked (one 0600 file, removed)]: :_files' \
        '*'--debug'[print the stack of an unexpected error]' \
        '*'{-h,--help}'[print this help]' \
        '*:file:_files'
      ;;
    explain)
      _arguments -s \
        '*'--format'[text, md or json]: :(text md json)' \
        '*'--debug'[print the stack of an unexpected error]' \
        '*'{-h,--help}'[print this help]' \
        '1: :(RULES)'
      ;;
    serve)
      _arguments -s \
        '*'--shell'[open your shell, with a prompt that says what it looks at]' \
        '*'--at'[as of this time, or this long before the end of the capture (30s)]: : ' \
        '*'--replay-changes'[give watches what changed during the capture, as it happened or 10x faster]' \
        '*'--address'[where to listen; others than loopback can be reached by others]: : ' \
        '*'--port'[port to listen on (default\: a free one)]: : ' \
        '*'--kubeconfig-out'[where to write the kubeconfig (0600, a new file; removed at the end)]: :_files' \
        '*'--cache'[keep an index beside the bundle (BUNDLE.index), so that large lists are there at once next time]' \
        '*'--tmp-dir'[where the kubeconfig and what cannot be read in place are kept, and removed]: :_files' \
        '*'--debug'[print the stack of an unexpected error]' \
        '*'{-h,--help}'[print this help]' \
        '*:file:_files'
      ;;
    verify)
      _arguments -s \
        '*'--tmp-dir'[where a bundle that cannot be read in place is unpacked (one 0600 file, removed)]: :_files' \
        '*'--format'[text or json]: :(text json)' \
        '*'--debug'[print the stack of an unexpected error]' \
        '*'{-h,--help}'[print this help]' \
        '*:file:_files'
      ;;
    permissions)
      _arguments -s \
        '*'{-n,--namespace}'[a Role for captures of this namespace only (repeatable)]: : ' \
        '*'--offline'[ask no cluster\: built-in and well-known resources only]' \
        '*'--tier'[only what this tier takes, of base, kubelet, port-forward, node-diagnostic, exec, nodes-proxy, probe (repeatable)]: : ' \
        '*'--name'[name of the role (default\: freezeframe, and the tiers that were asked for)]: : ' \
        '*'--service-account'[bind the role to this service account]: : ' \
        '*'--format'[yaml or json]: :(yaml json)' \
        '*'--kubeconfig'[kubeconfig to use (default\: KUBECONFIG, ~/.kube/config, or the pod itself)]: :_files' \
        '*'--context'[context of the kubeconfig]: : ' \
        '*'--as'[user to impersonate]: : ' \
        '*'--as-group'[group to impersonate (repeatable)]: : ' \
        '*'--debug'[print the stack of an unexpected error]' \
        '*'{-h,--help}'[print this help]' \
        '*:file:_files'
      ;;
    demo)
      _arguments -s \
        '*'--list'[print the recorded incidents]' \
        '*'{-o,--output}'[file, folder or - for stdout (repeatable; default\: this folder)]: :_files' \
        '*'--force'[replace an output that exists]' \
        '*'--format'[what stdout gets\: the path, or a summary]: :(text json)' \
        '*'--progress'[what stderr shows while it runs]: :(auto live plain json none)' \
        '*'--debug'[print the stack of an unexpected error]' \
        '*'{-h,--help}'[print this help]' \
        '*:file:_files'
      ;;
    completion)
      _arguments -s \
        '*'--debug'[print the stack of an unexpected error]' \
        '*'{-h,--help}'[print this help]' \
        '1: :(bash zsh fish)'
      ;;
    help)
      _arguments -s \
        '1: :(capture analyze explain serve verify permissions demo completion)'
      ;;
  esac
}
if [ "$funcstack[1]" = "_freezeframe" ]; then _freezeframe "$@"; else compdef _freezeframe freezeframe kubectl-freezeframe; fi
