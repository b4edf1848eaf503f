import type { Citation } from '../incident/citation.ts'
import type { Cause, Report, ReportFinding, ReportSymptom } from '../rca/report.ts'
import { type Paint, plain } from './paint.ts'
import { clean, clockOf, nameOf, spanOf, wrap } from './words.ts'

/** How a report is drawn for a terminal. */
export interface TextOptions {
  readonly paint?: Paint
  /** Show the points of every cause. */
  readonly why?: boolean
}

const WIDTH = 80

/** Causes, symptoms and rules that are drawn; all of them are in the JSON. */
const CAUSES_SHOWN = 3
const SYMPTOMS_SHOWN = 8

/** Draws a report for a terminal, 80 columns wide: the first screen says what is broken, how far, and what to do now. */
export function renderText(report: Report, options: TextOptions = {}): string {
  const paint = options.paint ?? plain
  const sections = [
    drawVerdict(report, paint),
    drawMitigation(report, paint),
    drawCauses(report, paint, options.why === true),
    drawUnexplained(report, paint),
    drawGaps(report, paint),
    drawBundle(report, paint),
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

const COLOURS = { confirmed: 'red', probable: 'yellow', possible: 'cyan', 'insufficient-evidence': 'dim' } as const

function drawVerdict({ verdict, failureDomain, blastRadius, causes, bundle }: Report, paint: Paint): string[] {
  const [best] = causes
  const word =
    verdict.status === 'healthy'
      ? paint('green', 'HEALTHY')
      : paint(
          COLOURS[verdict.confidence ?? 'insufficient-evidence'],
          (verdict.confidence ?? 'unknown').toUpperCase().replace('-', ' '),
        )
  const [first = '', ...rest] = wrap(clean(verdict.says), WIDTH - 2)
  const since = best?.from ? `${best.from} (${spanOf(best.from, bundle.window.end)} before the capture’s end)` : ''
  return [
    `${paint('bold', word)}${best && best.confidence !== 'insufficient-evidence' ? `  ${paint('bold', best.title)}` : ''}`,
    ...[first, ...rest].map((line) => `  ${line}`),
    ...(verdict.status === 'healthy'
      ? []
      : [...field('Where', failureDomain.says, paint), ...field('Reach', blastRadius.says, paint)]),
    ...(since === '' ? [] : field('Since', since, paint)),
  ]
}

function field(name: string, text: string, paint: Paint): string[] {
  const [first = '', ...rest] = wrap(clean(text), WIDTH - 9)
  return [`  ${paint('dim', name.padEnd(6))} ${first}`, ...rest.map((line) => `         ${line}`)]
}

function drawMitigation({ mitigation }: Report, paint: Paint): string[] {
  if (mitigation.length === 0) return []
  return [paint('bold', 'Do now'), ...mitigation.flatMap((action, index) => drawAction(action, `${index + 1}.`, paint))]
}

function drawAction({ says, command, changes }: Report['mitigation'][number], mark: string, paint: Paint): string[] {
  const lines = wrap(`${clean(says)}${changes ? ' [changes the cluster]' : ''}`, WIDTH - 5)
  return [
    ...lines.map(
      (line, index) =>
        `${index === 0 ? mark.padStart(4) : '    '} ${changes ? line.replace('[changes the cluster]', paint('yellow', '[changes the cluster]')) : line}`,
    ),
    ...(command === undefined ? [] : [`     ${paint('cyan', clean(command))}`]),
  ]
}

function drawCauses(report: Report, paint: Paint, why: boolean): string[] {
  if (report.causes.length === 0) return []
  const shown = report.causes.slice(0, why ? report.causes.length : CAUSES_SHOWN)
  const hidden = report.causes.length - shown.length
  return [
    paint('bold', shown.length === 1 ? 'Cause' : 'Causes, best first'),
    ...shown.flatMap((cause, index) => [...(index > 0 ? [''] : []), ...drawCause(report, cause, paint, why)]),
    ...(hidden > 0 ? ['', `  and ${hidden} more that fit less; see --why or --format json`] : []),
  ]
}

function drawCause(report: Report, cause: Cause, paint: Paint, why: boolean): string[] {
  const isFirst = cause.rank === 1
  const head = `${String(cause.rank).padStart(2)}  ${paint(COLOURS[cause.confidence], cause.confidence)}  ${paint('bold', cause.rule)}  ${nameOf(cause.subject)}`
  return [
    head,
    ...wrap(clean(cause.says), WIDTH - 4).map((line) => `    ${line}`),
    ...cause.triggers.flatMap((change) => bullet('set off by', `${clockOf(change.from)} ${change.says}`, paint)),
    ...cause.chain.slice(1).flatMap((link) => bullet(link.inferred ? 'may be why' : 'so that', link.says, paint)),
    ...cause.amplifiers.slice(0, 2).flatMap((one) => bullet('made worse by', one.says, paint)),
    ...cause.sustaining.slice(0, 2).flatMap((one) => bullet('kept going by', one.says, paint)),
    ...cause.against.flatMap(({ says }) => bullet('but', says, paint)),
    ...cause.cites.slice(0, isFirst ? 3 : 1).flatMap((number) => drawCitation(report.citations[number], paint)),
    ...(isFirst
      ? cause.rivals.slice(0, 3).flatMap(({ rule, says }) => bullet('why not', `${rule}: ${says}`, paint))
      : []),
    ...(isFirst ? cause.fix.slice(0, 2).flatMap((fix) => bullet('for good', fix, paint)) : []),
    ...(why ? drawPoints(cause, paint) : []),
  ]
}

function bullet(name: string, text: string, paint: Paint): string[] {
  const [first = '', ...rest] = wrap(clean(text), WIDTH - 18)
  return [`    ${paint('dim', name.padEnd(13))} ${first}`, ...rest.map((line) => `                  ${line}`)]
}

function drawCitation(citation: Citation | undefined, paint: Paint): string[] {
  if (!citation) return []
  const place = 'line' in citation ? `${citation.file}:${citation.line}` : `${citation.file}#${citation.pointer}`
  const words = clean(citation.words)
  return [
    `    ${paint('dim', 'evidence')}      ${paint('dim', clean(place))}`,
    `                  "${words.length > WIDTH - 20 ? `${words.slice(0, WIDTH - 21)}…` : words}"`,
  ]
}

function drawPoints({ points }: Cause, paint: Paint): string[] {
  return [
    `    ${paint('dim', 'points')}        ${points.total}`,
    ...points.parts.map(
      ({ for: what, points: number, says }) => `      ${String(number).padStart(4)}  ${what.padEnd(16)} ${clean(says)}`,
    ),
  ]
}

function drawUnexplained({ symptoms, causes }: Report, paint: Paint): string[] {
  const named = new Set(causes.map((cause: ReportFinding) => cause.says))
  const left = symptoms.filter(
    ({ causes: explained, weight, says }: ReportSymptom) => explained.length === 0 && weight >= 3 && !named.has(says),
  )
  if (left.length === 0) return []
  return [
    paint('bold', 'Not explained'),
    ...left
      .slice(0, SYMPTOMS_SHOWN)
      .flatMap(({ says }) => wrap(clean(says), WIDTH - 4).map((line, index) => `  ${index === 0 ? '-' : ' '} ${line}`)),
    ...(left.length > SYMPTOMS_SHOWN ? [`  and ${left.length - SYMPTOMS_SHOWN} more`] : []),
  ]
}

function drawGaps({ next, rules }: Report, paint: Paint): string[] {
  const crashed = rules
    .filter(({ status }) => status === 'crashed')
    .map(({ id, why }) => `The rule ${id} broke: ${why}`)
  const lines = [...crashed, ...next]
  if (lines.length === 0) return []
  return [
    paint('bold', 'Not known'),
    ...lines
      .slice(0, 6)
      .flatMap((line) => wrap(clean(line), WIDTH - 4).map((part, index) => `  ${index === 0 ? '-' : ' '} ${part}`)),
  ]
}

function drawBundle({ bundle }: Report, paint: Paint): string[] {
  const lines = [
    `Bundle ${bundle.name}, ${bundle.outcome}, ${bundle.window.start} to ${bundle.window.end}`,
    ...(bundle.truncated === null ? [] : [`It is not whole: ${bundle.truncated}.`]),
  ]
  return lines.map((line) => paint('dim', clean(line)))
}
