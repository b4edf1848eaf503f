import type { Action, Rule } from '../rules/rule.ts'
import { type Paint, plain } from './paint.ts'
import { wrap } from './words.ts'

const WIDTH = 80

/** What there is to know of a failure mode, for a terminal. */
export function explainText(rule: Rule, paint: Paint = plain): string {
  const { title, id, domain, seeds, needs, helps, explain } = rule
  const sections = [
    [`${paint('bold', title)}  ${paint('dim', `(${id}, ${domain}${seeds ? `; ${seeds.join(', ')}` : ''})`)}`],
    wrap(explain.mechanism, WIDTH),
    list('What proves it', explain.proof, paint),
    list('What looks like it', explain.lookAlikes, paint),
    listActions(explain.mitigate, paint),
    list('For good', explain.fix, paint),
    list(
      'Evidence',
      [
        `needs ${needs.length === 0 ? 'nothing in particular' : needs.join(', ')}`,
        ...(helps ? [`sure with ${helps.join(', ')}`] : []),
      ],
      paint,
    ),
    list('Read on', explain.links ?? [], paint),
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function list(head: string, items: readonly string[], paint: Paint): string[] {
  if (items.length === 0) return []
  return [
    paint('bold', head),
    ...items.flatMap((item) => wrap(item, WIDTH - 4).map((line, index) => `  ${index === 0 ? '-' : ' '} ${line}`)),
  ]
}

function listActions(actions: readonly Action[], paint: Paint): string[] {
  if (actions.length === 0) return []
  return [
    paint('bold', 'Do now'),
    ...actions.flatMap(({ says, command, changes }) => [
      ...wrap(`${says}${changes ? ' [changes the cluster]' : ''}`, WIDTH - 4).map(
        (line, index) => `  ${index === 0 ? '-' : ' '} ${line}`,
      ),
      ...(command === undefined ? [] : [`    ${paint('cyan', command)}`]),
    ]),
  ]
}

/** The same as a page of `docs/rules/`. */
export function explainMarkdown({ title, id, domain, seeds, needs, helps, explains, explain }: Rule): string {
  const facts = [
    `Rule \`${id}\`, domain ${domain}.`,
    ...(seeds ? [`Seed: ${seeds.join(', ')}.`] : []),
    `Needs: ${needs.length === 0 ? 'nothing in particular' : needs.map((kind) => `\`${kind}\``).join(', ')}.`,
    ...(helps ? [`Sure with: ${helps.map((kind) => `\`${kind}\``).join(', ')}.`] : []),
    ...(explains.length > 0 ? [`Explains: ${explains.join(', ')}.`] : []),
  ]
  const actions = explain.mitigate.map(
    ({ says, command, changes }) =>
      `${says}${changes ? ' _(changes the cluster)_' : ''}${command === undefined ? '' : ` \`${command}\``}`,
  )
  return `${[
    `# ${title}`,
    facts.join(' '),
    explain.mechanism,
    ...page('What proves it', explain.proof),
    ...page('What looks like it', explain.lookAlikes),
    ...page('Do now', actions),
    ...page('For good', explain.fix),
    ...page(
      'Read on',
      (explain.links ?? []).map((link) => `<${link}>`),
    ),
  ].join('\n\n')}\n`
}

function page(head: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`## ${head}`, items.map((item) => `- ${item}`).join('\n')]
}
