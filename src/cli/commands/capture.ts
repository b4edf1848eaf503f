import { Command, Option } from 'commander'
import { runCapture } from '../capture/action.ts'
import type { CaptureFlags } from '../capture/request.ts'
import { addConnectionOptions, append, appendList } from '../connection.ts'
import { addPlaceOptions, addReportOptions } from '../output.ts'
import type { Shell } from '../shell.ts'

/** `freezeframe capture`: one command, one bundle. */
export function captureCommand(shell: Shell): Command {
  const command = new Command('capture')
    .summary('capture a cluster into one bundle')
    .description(
      'Captures what the API server knows (every object, events, logs, health) into one timestamped .tar.gz that always opens. Read-only but for --probe-pods and --node-diagnostic; never reads Secrets.',
    )
    .usage('[options]')
  addOutputOptions(command)
  addScopeOptions(command)
  addInsideOptions(command)
  addPrivacyOptions(command)
  addConnectionOptions(command)
    .option('--kubelet-ca <file>', "authorities of the kubelets (default: the cluster's)")
    .option('--allow-nodes-proxy', 'reach kubelets by nodes/proxy, which equals exec on every node')
  return command.addHelpText('after', HELP).action(async (flags: CaptureFlags, self: Command) => {
    await runCapture(flags, { shell, debug: self.optsWithGlobals().debug === true })
  })
}

function addOutputOptions(command: Command): void {
  addPlaceOptions(command.optionsGroup('Output:'))
  command.option('--plan', 'print what would be asked and what is denied; capture nothing')
  addReportOptions(command)
}

function addScopeOptions(command: Command): void {
  command
    .optionsGroup('Scope and budget:')
    .option('--deadline <duration>', 'close the bundle after this long', '5m')
    .option('--max-size <size>', 'close the bundle before it gets larger (500Mi, 2GiB)')
    .option('-n, --namespace <name>', 'only this namespace, and cluster-scoped objects (repeatable)', appendList)
    .option('--focus <object>', 'kind/namespace/name whose logs matter (repeatable)', append)
    .option('--only <collectors>', 'run only these collectors (comma-separated)', appendList)
    .option('--skip <collectors>', 'leave these collectors out (comma-separated)', appendList)
    .addOption(
      new Option('--logs <policy>', 'whose logs: every pod, suspects and their controls, none')
        .choices(['all', 'suspects', 'none'])
        .default('suspects'),
    )
    .option('--nodes <nodes>', 'whose kubelets: suspects and their controls, all, none, or names', appendList)
    .addOption(
      new Option('--samples <count>', 'how often counters of nodes are read: only two make a rate')
        .choices(['1', '2'])
        .default('2'),
    )
    .option('--interval <duration>', 'time between the two samples (default: 30s)')
    .option('--since <time>', 'only log lines after this time, or this long ago (1h)')
}

function addInsideOptions(command: Command): void {
  command
    .optionsGroup('Inside of nodes:')
    .option('--allow-exec', 'run conntrack and iconv in pods of aws-node and kube-proxy')
    .option('--probe-pods', 'create a Job on each chosen node, and delete it afterwards')
    .option('--probe-image <image>', 'image of the probes, with sh, awk and tar (default: a known one on the node)')
    .option('--probe-namespace <name>', 'namespace of the probes, which must allow privileged pods', 'kube-system')
    .option('--node-diagnostic', 'have the EKS node monitoring agents collect logs of their nodes')
    .option('--full', 'whole tables of connections, not only their summary')
}

function addPrivacyOptions(command: Command): void {
  command
    .optionsGroup('Content:')
    .option('--config-data', 'keep the values of ConfigMaps (default: key names and hashes)')
    .option('--drop-node-images', 'leave out the image lists of nodes')
    .option('--redaction-key <file>', 'key of the pseudonyms, to compare bundles (default: random)')
    .option('--cluster-name <name>', "name of the cluster in the bundle (default: the kubeconfig's)")
}

const HELP = `
Examples:
  freezeframe capture                              everything, into this folder
  freezeframe capture --plan                       what would be asked, what is denied
  freezeframe capture -n shop -n payments          two namespaces
  freezeframe capture --focus deployment/shop/web --since 2h
  freezeframe capture --only pods,events,logs --deadline 30s
  freezeframe capture -o /var/tmp -o - | ssh archive 'cat > bundle.tar.gz'

Exit codes: 0 complete, 1 partial (the ledger says what is missing), 2 nothing captured.
Ctrl-C closes the bundle with what has come; a second one stops at once.`
