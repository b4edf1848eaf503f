import { Command } from 'commander'
import { runServe } from '../serve/action.ts'
import type { ServeFlags } from '../serve/request.ts'
import type { Shell } from '../shell.ts'

/** `freezeframe serve BUNDLE`: the captured cluster, for every tool that speaks to Kubernetes. */
export function serveCommand(shell: Shell): Command {
  return new Command('serve')
    .summary('answer kubectl from a bundle')
    .description(
      'Serves a bundle as a read-only Kubernetes API on loopback, with a kubeconfig of its own. Runs a program against it, or serves until Ctrl-C. Offline; your kubeconfig is never touched.',
    )
    .usage('[options] <bundle> [-- program args...]')
    .argument('<bundle>', 'a bundle: .tar.gz, .partial.tar.gz, .tar, a folder, or - for standard input')
    .argument('[program...]', 'after --: what to run with KUBECONFIG set; its exit code is ours')
    .option('--shell', 'open your shell, with a prompt that says what it looks at')
    .option('--at <time>', 'as of this time, or this long before the end of the capture (30s)')
    .option('--replay-changes [speed]', 'give watches what changed during the capture, as it happened or 10x faster')
    .option('--address <ip>', 'where to listen; others than loopback can be reached by others', '127.0.0.1')
    .option('--port <number>', 'port to listen on (default: a free one)')
    .option('--kubeconfig-out <file>', 'where to write the kubeconfig (0600, a new file; removed at the end)')
    .option(
      '--cache',
      'keep an index beside the bundle (BUNDLE.index), so that large lists are there at once next time',
    )
    .option('--tmp-dir <folder>', 'where the kubeconfig and what cannot be read in place are kept, and removed')
    .addHelpText('after', HELP)
    .action(async (bundle: string, program: readonly string[], flags: ServeFlags, self: Command) => {
      await runServe(bundle, program, flags, { shell, debug: self.optsWithGlobals().debug === true })
    })
}

const HELP = `
Examples:
  freezeframe serve bundle.tar.gz -- kubectl get pods -A
  freezeframe serve bundle.tar.gz -- k9s
  freezeframe serve bundle.tar.gz --shell --at 30s
  freezeframe serve bundle.tar.gz             prints a line to paste into another terminal
  ssh bastion cat bundle.tar.gz | freezeframe serve -

Exit codes: the program's, 128 and the signal that ended it, 126 or 127 if it cannot be started;
else 0 after Ctrl-C, 2 if nothing could be served.`
