import type { Citation } from '../incident/citation.ts'
import type { Cause, Report } from '../rca/report.ts'
import { clean, nameOf } from './words.ts'

/** Draws a report as Markdown, to be pasted into a postmortem: every sentence with the number of its evidence, which is quoted at the end. */
export function renderMarkdown(report: Report): string {
  return `${[
    ['# What happened', '', ...drawHead(report)],
    drawActions(report),
    drawCauses(report),
    ...report.causes.slice(0, 3).map((cause) => drawCause(cause)),
    drawTimeline(report),
    drawUnknown(report),
    drawEvidence(report),
    ['## Look again', '', '```', ...report.replay, '```'],
  ]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function drawHead({ verdict, failureDomain, blastRadius, bundle }: Report): string[] {
  return [
    `**${verdict.confidence ?? verdict.status}**: ${quoteWords(verdict.says)}`,
    '',
    `- Where: ${quoteWords(failureDomain.says)}`,
    `- Reach: ${quoteWords(blastRadius.says)}`,
    `- Bundle: \`${bundle.name}\`${bundle.root === '' ? '' : `, root \`${bundle.root}\``}${bundle.destination === null ? '' : `, ${bundle.destination}`}`,
    `- Captured: ${bundle.window.start} to ${bundle.window.end}, ${bundle.outcome}${bundle.truncated === null ? '' : `; not whole: ${quoteWords(bundle.truncated)}`}`,
  ]
}

function drawActions({ mitigation }: Report): string[] {
  if (mitigation.length === 0) return []
  return [
    '## Mitigation',
    '',
    ...mitigation.flatMap(({ says, command, changes }) => [
      `- ${quoteWords(says)}${changes ? ' _(changes the cluster)_' : ''}`,
      ...(command === undefined ? [] : ['', '  ```', `  ${clean(command)}`, '  ```', '']),
    ]),
  ]
}

function drawCauses({ causes }: Report): string[] {
  if (causes.length === 0) return []
  return [
    '## Causes',
    '',
    '| # | confidence | cause | object | points |',
    '| --- | --- | --- | --- | --- |',
    ...causes.map(
      ({ rank, confidence, rule, subject, points }) =>
        `| ${rank} | ${confidence} | ${rule} | ${quoteWords(nameOf(subject))} | ${points.total} |`,
    ),
  ]
}

function drawCause(cause: Cause): string[] {
  const { rank, title, says, cites, chain, triggers, amplifiers, sustaining, against, rivals, mechanism, fix } = cause
  return [
    `### ${rank}. ${quoteWords(title)}`,
    '',
    `${quoteWords(says)} ${refer(cites)}`.trim(),
    '',
    quoteWords(mechanism),
    '',
    ...triggers.map((one) => `- Set off by: ${one.from ?? ''} ${quoteWords(one.says)} ${refer(one.cites)}`),
    ...chain
      .slice(1)
      .map((one) => `- ${one.inferred ? 'May be why' : 'So that'}: ${quoteWords(one.says)} ${refer(one.cites)}`),
    ...amplifiers.map((one) => `- Made worse by: ${quoteWords(one.says)} ${refer(one.cites)}`),
    ...sustaining.map((one) => `- Kept going by: ${quoteWords(one.says)} ${refer(one.cites)}`),
    ...against.map((one) => `- Against it: ${quoteWords(one.says)} ${refer(one.cites)}`),
    ...rivals.map((one) => `- Why not ${one.rule} (${quoteWords(nameOf(one.subject))}): ${quoteWords(one.says)}`),
    ...fix.map((one) => `- For good: ${quoteWords(one)}`),
  ]
}

function drawTimeline({ timeline }: Report): string[] {
  return [
    '## Timeline (UTC)',
    '',
    '| time | what | about |',
    '| --- | --- | --- |',
    ...timeline.map(
      ({ at, says, about, cites }) => `| ${at} | ${quoteWords(says)} ${refer(cites)} | ${quoteWords(nameOf(about))} |`,
    ),
  ]
}

function drawUnknown({ next, rules }: Report): string[] {
  const idle = rules.filter(({ status }) => status === 'not-evaluated' || status === 'crashed')
  if (next.length === 0 && idle.length === 0) return []
  return [
    '## Not known',
    '',
    ...next.map((line) => `- ${quoteWords(line)}`),
    ...(idle.length > 0 ? [`- Rules without their evidence: ${idle.map(({ id }) => id).join(', ')}`] : []),
  ]
}

function drawEvidence({ citations }: Report): string[] {
  if (citations.length === 0) return []
  return [
    '## Evidence',
    '',
    ...citations.map((citation, number) => `${number + 1}. \`${placeOf(citation)}\`: “${quoteWords(citation.words)}”`),
  ]
}

function placeOf(citation: Citation): string {
  return clean('line' in citation ? `${citation.file}:${citation.line}` : `${citation.file}#${citation.pointer}`)
}

function refer(cites: readonly number[]): string {
  return cites.map((number) => `[${number + 1}]`).join('')
}

/** Words of a stranger's bundle must not become a table's cell, a link or HTML. */
function quoteWords(text: string): string {
  return clean(text).replace(/[\\`*_{}[\]<>|#]/g, '\\$&')
}
