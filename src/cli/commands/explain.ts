import { Command, Option } from 'commander'
import type { Rule } from '../../rules/rule.ts'
import { failWith } from '../error-report.ts'
import { paintFor, type Shell, writeJson } from '../shell.ts'
import { unknownRule } from '../suggest-rule.ts'
import { alignRows } from '../text.ts'

interface ExplainFlags {
  readonly format: 'text' | 'md' | 'json'
}

/** `freezeframe explain RULE`: what there is to know of a failure mode. */
export function explainCommand(shell: Shell): Command {
  return new Command('explain')
    .summary('tell what a failure mode is, what proves it and what to do')
    .description(
      'Prints the mechanism of a failure mode, what proves it, what looks like it, what to do now and for good. Without a name, all of them.',
    )
    .usage('[options] [rule]')
    .argument('[rule]', 'the name of a rule, as analyze prints it')
    .addOption(new Option('--format <format>', 'text, md or json').choices(['text', 'md', 'json']).default('text'))
    .addHelpText('after', HELP)
    .action(async (id: string | undefined, flags: ExplainFlags, self: Command) => {
      try {
        const { rules } = await import('../../rules/index.ts')
        await explain(rules, id, flags, shell)
      } catch (error) {
        failWith(shell, error, { ...flags, debug: self.optsWithGlobals().debug === true })
      }
    })
}

const HELP = `
Examples:
  freezeframe explain
  freezeframe explain container-oomkilled

Exit codes: 0 printed, 2 no such rule.`

async function explain(
  rules: readonly Rule[],
  id: string | undefined,
  { format }: ExplainFlags,
  shell: Shell,
): Promise<void> {
  const known = rules.filter(({ domain }) => domain !== 'generic')
  if (id === undefined) {
    if (format === 'json') writeJson(shell.stdout, known.map(describeRule))
    else shell.stdout.write(`${alignRows(known.map((rule) => [rule.domain, rule.id, rule.title])).join('\n')}\n`)
    return
  }
  const rule = rules.find((one) => one.id === id)
  if (!rule)
    throw unknownRule(
      'rule',
      id,
      known.map((one) => one.id),
    )
  const { explainText, explainMarkdown } = await import('../../report/explain.ts')
  if (format === 'json') writeJson(shell.stdout, describeRule(rule))
  else shell.stdout.write(format === 'md' ? explainMarkdown(rule) : explainText(rule, paintFor(shell.stdout)))
}

function describeRule({ evaluate: _, ...rule }: Rule): object {
  return rule
}
