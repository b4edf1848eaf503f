import type { Cause, Report, ReportFinding } from '../rca/report.ts'
import { groupGaps } from './gaps.ts'
import { cell, code, fence, prose } from './markdown/inert.ts'
import { countOf, momentOf, nameOf, placeOf, tellDeadline, WORTH_TELLING } from './words.ts'

/** Causes that have a section of their own; the table has all. */
const MOST_CAUSES = 3

/** Draws a report as Markdown, to be pasted into a postmortem: what is claimed has the numbers of its evidence, which is quoted at the end. */
export function renderMarkdown(report: Report): string {
  const told = [
    drawHead(report),
    drawMitigation(report),
    drawCauses(report),
    ...report.causes.slice(0, MOST_CAUSES).map(drawCause),
    drawTimeline(report),
    drawSymptoms(report),
    drawFindings('Evidence that was destroyed', report.evidenceLoss),
    drawFindings('Weak spots that broke nothing here', report.risks),
    drawUnknown(report),
  ]
  const sections = [
    ...told,
    drawEvidence(report, numbersIn(told.flat())),
    ['## Look again', '', ...fence(report.replay)],
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n').trim())
    .join('\n\n')}\n`
}

function drawHead({ verdict, failureDomain, blastRadius, bundle, focus, tool, deadlines = [] }: Report): string[] {
  const focused = [
    ...(focus.object === null ? [] : [code(focus.object)]),
    ...(focus.from === null ? [] : [`from ${momentOf(focus.from)}`]),
    ...(focus.to === null ? [] : [`to ${momentOf(focus.to)}`]),
  ]
  const window = `${momentOf(bundle.window.start)} to ${momentOf(bundle.window.end)}`
  return [
    '# What happened',
    '',
    `**${(verdict.confidence ?? verdict.status).replace('-', ' ')}**: ${prose(verdict.says)}`,
    '',
    `- Where: ${prose(failureDomain.says)}`,
    `- Reach: ${prose(blastRadius.says)}`,
    ...deadlines.map((one) => `- Soon: ${prose(tellDeadline(one))}`),
    ...(focused.length === 0 ? [] : [`- Looked at only: ${focused.join(', ')}`]),
    `- Bundle: ${code(bundle.name)}, of ${prose(bundle.cluster)}${bundle.version === null ? '' : ` (Kubernetes ${prose(bundle.version)})`}`,
    ...(bundle.destination === null ? [] : [`- Kept at: ${code(bundle.destination)}`]),
    bundle.root === '' ? '- Root hash: lost with the manifest' : `- Root hash: ${code(bundle.root)}`,
    `- Captured: ${window}, ${prose(bundle.outcome)}`,
    ...(bundle.truncated === null ? [] : [`- The bundle is not whole: ${prose(bundle.truncated)}`]),
    ...describeClocks(bundle.clockOffsets),
    `- Explained by: ${prose(`${tool.name} ${tool.version}`)}, offline; the same bundle gives the same report`,
  ]
}

function describeClocks(offsets: Report['bundle']['clockOffsets']): string[] {
  const nodes = Object.entries(offsets).map(([node, offset]) => `${prose(node)} ${offset} ms`)
  return nodes.length === 0 ? [] : [`- Clocks that are off: ${nodes.slice(0, 10).join(', ')}`]
}

function drawMitigation({ mitigation, causes }: Report): string[] {
  if (mitigation.length === 0) return []
  const isOne = new Set(mitigation.map(({ cause }) => cause)).size === 1
  return [
    '## What to do now',
    '',
    ...mitigation.flatMap(({ says, command, changes, cause }) => [
      `- ${prose(says)}${isOne ? '' : ` (cause ${cause}: ${prose(causes[cause - 1]?.title ?? '')})`}${changes ? ' _(changes the cluster)_' : ''}`,
      ...(command === undefined ? [] : ['', ...fence([command]).map((line) => `  ${line}`), '']),
    ]),
  ]
}

function drawCauses({ causes }: Report): string[] {
  if (causes.length === 0) return []
  return [
    '## Causes',
    '',
    '| # | how sure | failure mode | object | since (UTC) | points | evidence |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...causes.map(
      ({ rank, confidence, rule, subject, from, points, cites }) =>
        `| ${rank} | ${confidence.replace('-', ' ')} | ${cell(rule)} | ${cell(nameOf(subject))} | ${from === null ? '' : momentOf(from).replace(' UTC', '')} | ${points.total} | ${refer(cites)} |`,
    ),
  ]
}

function drawCause(cause: Cause): string[] {
  const { rank, title, says, cites, mechanism, alternative, confidence } = cause
  const place = rank === 1 ? '' : alternative ? ' It explains some of the same.' : ' It is an incident of its own.'
  const isKnown = confidence !== 'insufficient-evidence'
  const steps = describeCourse(cause)
  return [
    `### ${rank}. ${prose(title)}`,
    '',
    `${prose(says)}${refer(cites, ' ')}${place}`,
    ...(isKnown ? ['', prose(mechanism)] : []),
    ...(steps.length > 0 ? ['', ...steps] : []),
  ]
}

/** How it came about, what else it could have been, and what keeps it from coming again. */
function describeCourse(cause: Cause): string[] {
  const { triggers, chain, amplifiers, sustaining, against, missing, common, rivals, fix, confidence } = cause
  const before = confidence === 'insufficient-evidence' ? 'Before it' : 'Set off by'
  return [
    ...triggers.map((one) => step(before, one)),
    ...chain.slice(1).map((one) => step(one.inferred ? 'Perhaps so that' : 'So that', one)),
    ...amplifiers.map((one) => step('Made worse by', one)),
    ...sustaining.map((one) => step('Kept going by', one)),
    ...against.map(({ says, cites }) => `- Against it: ${prose(says)}${refer(cites, ' ')}`),
    ...common.map(({ says, cites }) => `- In common: ${prose(says)}${refer(cites, ' ')}`),
    ...missing.map((one) => `- To be sure: ${prose(one)}`),
    ...rivals.map(({ rule, subject, says }) => `- Why not ${prose(rule)} (${prose(nameOf(subject))}): ${prose(says)}`),
    ...fix.map((one) => `- For good: ${prose(one)}`),
  ]
}

function step(label: string, { from, says, cites }: ReportFinding): string {
  return `- ${label}: ${from === null ? '' : `${momentOf(from)}, `}${prose(says)}${refer(cites, ' ')}`
}

function drawTimeline({ timeline }: Report): string[] {
  if (timeline.length === 0) return []
  return [
    '## Timeline (UTC)',
    '',
    '| time | what | about | evidence |',
    '| --- | --- | --- | --- |',
    ...timeline.map(
      ({ at, says, about, cites, kind }) =>
        `| ${momentOf(at).replace(' UTC', '')} | ${cell(says)} | ${kind === 'capture' ? '' : cell(nameOf(about))} | ${refer(cites)} |`,
    ),
  ]
}

/** Symptoms that a postmortem's reader wants to see named; noise is counted. */
const MOST_SYMPTOMS = 20

function drawSymptoms({ symptoms }: Report): string[] {
  const heavy = symptoms.filter(({ weight }) => weight >= WORTH_TELLING)
  if (heavy.length === 0) return []
  const hidden = symptoms.length - Math.min(heavy.length, MOST_SYMPTOMS)
  return [
    '## What was seen to be broken',
    '',
    '| what | since (UTC) | explained by cause | evidence |',
    '| --- | --- | --- | --- |',
    ...heavy
      .slice(0, MOST_SYMPTOMS)
      .map(
        ({ says, from, causes, cites }) =>
          `| ${cell(says)} | ${from === null ? '' : momentOf(from).replace(' UTC', '')} | ${causes.join(', ') || 'none'} | ${refer(cites)} |`,
      ),
    ...(hidden > 0 ? ['', `And ${countOf(hidden, 'smaller one')}, in the report as JSON.`] : []),
  ]
}

function drawFindings(head: string, findings: readonly ReportFinding[]): string[] {
  if (findings.length === 0) return []
  return [`## ${head}`, '', ...findings.map(({ says, cites }) => `- ${prose(says)}${refer(cites, ' ')}`)]
}

function drawUnknown({ next, rules, coverage }: Report): string[] {
  const idle = rules.filter(({ status }) => status === 'not-evaluated' || status === 'crashed')
  if (next.length === 0 && idle.length === 0 && coverage.length === 0) return []
  return [
    '## Not known',
    '',
    ...next.map((line) => `- ${prose(line)}`),
    ...groupGaps(coverage, prose).map(([reason, kinds]) => `- ${reason}: ${kinds.map(prose).join(', ')}`),
    ...(idle.length > 0 ? [`- Could not be checked: ${idle.map(({ id }) => prose(id)).join(', ')}`] : []),
  ]
}

/** The numbers that `refer` has written. */
function numbersIn(lines: readonly string[]): ReadonlySet<number> {
  return new Set(lines.flatMap((line) => [...line.matchAll(/\[(\d+)\]/g)].map(([, number]) => Number(number))))
}

/** What is referred to. A list of its own numbers would not be: Markdown counts them itself. */
function drawEvidence({ citations }: Report, numbers: ReadonlySet<number>): string[] {
  const quoted = citations.flatMap((citation, index) =>
    numbers.has(index + 1) ? [`- [${index + 1}] ${code(placeOf(citation))}: ${code(citation.words)}`] : [],
  )
  if (quoted.length === 0) return []
  return ['## Evidence', '', 'Files of the bundle, the place in each, and the words found there.', '', ...quoted]
}

/** `[1][4]`; at most five, because what is the same in ten pods is cited ten times. */
function refer(cites: readonly number[], before = ''): string {
  return cites.length === 0
    ? ''
    : `${before}${cites
        .slice(0, 5)
        .map((number) => `[${number + 1}]`)
        .join('')}`
}
