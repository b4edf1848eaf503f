import { Command, Option } from 'commander'
import type { Verification } from '../../bundle/verify.ts'
import { failWith } from '../error-report.ts'
import { type Paint, paintFor, type Shell, writeJson } from '../shell.ts'
import { countOf, formatBytes, printable } from '../text.ts'

interface VerifyFlags {
  readonly tmpDir?: string
  readonly format: 'text' | 'json'
}

/** `freezeframe verify BUNDLE`: whether a bundle is what was captured. */
export function verifyCommand(shell: Shell): Command {
  return new Command('verify')
    .summary('check that a bundle is whole and unchanged')
    .description('Checks the structure of a bundle, and the size and SHA-256 of every file in it against its manifest.')
    .usage('[options] <bundle>')
    .argument('<bundle>', 'a bundle: .tar.gz, .partial.tar.gz, .tar or a folder')
    .option('--tmp-dir <folder>', 'where a bundle that cannot be read in place is unpacked (one 0600 file, removed)')
    .addOption(new Option('--format <format>', 'text or json').choices(['text', 'json']).default('text'))
    .addHelpText('after', HELP)
    .action(async (source: string, flags: VerifyFlags, self: Command) => {
      await verify(source, flags, shell, self.optsWithGlobals().debug === true)
    })
}

const HELP = `
Examples:
  freezeframe verify freezeframe-prod-20260131T235959Z.tar.gz
  freezeframe verify --format json bundle.tar.gz

Exit codes: 0 intact, 1 damaged or cut short, 2 no bundle.`

async function verify(source: string, flags: VerifyFlags, shell: Shell, debug: boolean): Promise<void> {
  try {
    const { verifyBundle } = await import('../../bundle/verify.ts')
    const found = await verifyBundle(source, flags.tmpDir === undefined ? {} : { tmpDir: flags.tmpDir })
    if (flags.format === 'json') writeJson(shell.stdout, found)
    else shell.stdout.write(drawVerification(found, paintFor(shell.stdout)))
    shell.exitCode = found.status === 'intact' ? 0 : 1
  } catch (error) {
    failWith(shell, error, { ...flags, debug })
  }
}

/** Problems that a person reads; every one is in `--format json`. */
const PROBLEMS_SHOWN = 20

function drawVerification(found: Verification, paint: Paint): string {
  const verdict = found.status === 'intact' ? paint('green', 'Intact') : paint('red', 'Damaged')
  const hidden = found.problems.length - PROBLEMS_SHOWN
  const lines = [
    `${verdict}: ${countOf(found.files, 'file')}, ${formatBytes(found.bytes)}, ${describeCapture(found)}`,
    `Root: ${found.root}`,
    ...found.problems.slice(0, PROBLEMS_SHOWN).map((problem) => `  ${printable(problem)}`),
    ...(hidden > 0 ? [`  and ${countOf(hidden, 'more problem')}, see --format json`] : []),
  ]
  return `${lines.join('\n')}\n`
}

/** A capture that was killed has no manifest to say of which cluster it was, and when; the name of its top directory may. */
function describeCapture({ outcome, cluster, window, manifest }: Verification): string {
  if (manifest === 'rebuilt' && Date.parse(window.end) === 0) return 'a capture whose manifest is lost'
  if (manifest === 'rebuilt') {
    const what = cluster === 'unknown' ? 'capture' : `capture of ${printable(cluster)}`
    return `a ${outcome} ${what}, begun at ${window.start}, whose manifest is lost`
  }
  return `a ${outcome} capture of ${cluster}, ${window.start} to ${window.end}`
}
