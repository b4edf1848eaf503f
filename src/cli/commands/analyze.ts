import { Command, Option } from 'commander'
import { runAnalyze } from '../analyze/action.ts'
import type { AnalyzeFlags } from '../analyze/request.ts'
import type { Shell } from '../shell.ts'

/** `freezeframe analyze BUNDLE`: what is broken, how far, why, and what to do. */
export function analyzeCommand(shell: Shell): Command {
  return new Command('analyze')
    .summary('explain a bundle: what is broken, why, and what to do now')
    .description(
      'Reads a bundle offline and ranks the causes of what is broken in it. Every claim cites the evidence; what cannot be known is said.',
    )
    .usage('[options] <bundle>')
    .argument('<bundle>', 'a bundle: .tar.gz, .partial.tar.gz, .tar, a folder, or - for standard input')
    .addOption(
      new Option(
        '--format <format>',
        'text, md (for a postmortem) or json (default: as --output ends, otherwise text)',
      ).choices(['text', 'md', 'json']),
    )
    .option('-o, --output <file>', 'write it into this file instead of to stdout')
    .option('--force', 'replace an output that exists')
    .option('--why', 'show every cause with its points')
    .option('--why-not <rule>', 'say why a rule did not fire')
    .addOption(
      new Option('--timeline', 'print everything dated instead of the report, oldest first').conflicts([
        'why',
        'whyNot',
        'failOn',
        'check',
      ]),
    )
    .option('--focus <object>', 'kind/namespace/name: only what hangs together with it')
    .option('--from <time>', 'leave out what was over before (RFC 3339, or 30m before the end of the capture)')
    .option('--to <time>', 'leave out what began later')
    .addOption(
      new Option('--fail-on <confidence>', 'exit 1 if a cause is at least this sure').choices([
        'confirmed',
        'probable',
        'possible',
      ]),
    )
    .option('--check <report>', 'hold a report (--format json) against the bundle instead')
    .option('--tmp-dir <folder>', 'where a bundle that cannot be read in place is unpacked (one 0600 file, removed)')
    .addHelpText('after', HELP)
    .action(async (source: string, flags: AnalyzeFlags, self: Command) => {
      await runAnalyze(source, flags, { shell, debug: self.optsWithGlobals().debug === true })
    })
}

const HELP = `
Examples:
  freezeframe analyze freezeframe-prod-20260131T235959Z.tar.gz
  freezeframe analyze -o postmortem.md bundle.tar.gz
  freezeframe analyze --why-not container-oomkilled bundle.tar.gz
  freezeframe analyze --focus deployment/shop/web bundle.tar.gz
  freezeframe analyze --timeline --focus pod/shop/web-7d4b9 --from 30m bundle.tar.gz
  freezeframe analyze -o report.json bundle.tar.gz
  freezeframe analyze --check report.json bundle.tar.gz

Exit codes: 0 analysed, 1 --fail-on is met or a claim of --check does not hold, 2 could not run.`
