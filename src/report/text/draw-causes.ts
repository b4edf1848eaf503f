import type { Citation } from '../../incident/citation.ts'
import type { Cause, Link, Report, ReportFinding } from '../../rca/report.ts'
import type { Paint } from '../paint.ts'
import { clean, clockOf, cut, nameOf, wrap } from '../words.ts'
import { COLOURS } from './draw-verdict.ts'
import { firstOf, labelled, labelledLines, paragraph, WIDTH, word } from './lines.ts'
import type { Told } from './told.ts'

/** Causes that are drawn without `--why`. */
const MOST_CAUSES = 3

/** Steps of a chain, changes before it, things that make it worse: of the best cause, and of any other. */
const MOST_STEPS = 6
const MOST_TRIGGERS = 2
const MOST_CITED = 3
const MOST_RIVALS = 3

interface Drawing {
  readonly report: Report
  readonly paint: Paint
  readonly told: Told
  /** With every point and every cause. */
  readonly why: boolean
}

/** What caused it, best first: how it came about, the evidence, what else it could have been. */
export function drawCauses(drawing: Drawing): string[] {
  const { report, paint, why } = drawing
  const causes = report.causes.filter(({ confidence }) => confidence !== 'insufficient-evidence')
  if (causes.length === 0) return []
  return [
    paint('bold', causes.length === 1 ? 'Cause' : 'Causes, best first'),
    ...firstOf(
      causes,
      why ? causes.length : MOST_CAUSES,
      (cause, index) => [...(index > 0 ? [''] : []), ...drawCause(drawing, cause, cause.rank === 1 || why)],
      (count) => `\n    and ${count} more; see --why`,
    ),
  ]
}

function drawCause(drawing: Drawing, cause: Cause, inFull: boolean): string[] {
  const { paint, why } = drawing
  const rank = String(cause.rank).padStart(2)
  const subject = nameOf(cause.subject)
  const head = `${rank}  ${paint(COLOURS[cause.confidence], cause.confidence)}  ${paint('bold', word(cause.rule))}`
  const isWide = `${rank}  ${cause.confidence}  ${word(cause.rule)}  ${subject}`.length > WIDTH
  return [
    ...(isWide ? [head, `    ${subject}`] : [`${head}  ${subject}`]),
    ...drawPlace(cause, paint),
    ...(drawing.told.tell(cause.says) ? paragraph(cause.says, 4) : []),
    ...drawCourse(drawing, cause, inFull),
    ...cause.against.slice(0, inFull ? MOST_STEPS : 1).flatMap(({ says }) => labelled('but', says, paint)),
    ...drawEvidence(drawing, cause.cites.slice(0, inFull ? MOST_CITED : 1)),
    ...(inFull ? drawRest(drawing, cause) : []),
    ...(why ? drawPoints(cause, paint) : []),
  ]
}

/** Whether another cause may be the cause of the same, or something else went wrong too. */
function drawPlace({ rank, alternative }: Cause, paint: Paint): string[] {
  if (rank === 1) return []
  return [
    `    ${paint('dim', alternative ? 'explains some of the same' : 'something else that is wrong at the same time')}`,
  ]
}

/** What set it off, what it led to, what makes it worse or keeps it going; what is told already is left out. */
export function drawCourse({ report, paint, told }: Omit<Drawing, 'why'>, cause: Cause, inFull: boolean): string[] {
  const isKnown = cause.confidence !== 'insufficient-evidence'
  const steps: [label: string, findings: readonly ReportFinding[]][] = [
    // Of what nothing explains, a change is what came before it, and no more.
    [isKnown ? 'set off by' : 'before it', chooseTriggers(cause)],
    ...cause.chain.slice(1).map((link): [string, Link[]] => [link.inferred ? 'maybe so' : 'so that', [link]]),
    ['worse by', cause.amplifiers],
    ['kept up by', cause.sustaining],
  ]
  const drawn = steps.flatMap(([label, findings]) =>
    findings
      .filter(({ says }) => told.tell(says))
      .map((one) =>
        labelled(label, dated(one, isKnown && isSeenOf(one, cause) ? `${one.title}.` : one.says, report), paint),
      ),
  )
  return [...drawn.slice(0, inFull ? MOST_STEPS : 2).flat(), ...drawOthers({ report, paint, told }, cause)]
}

/** The changes that are nearest, but for one that the cause is itself: it cites the same. */
function chooseTriggers({ triggers, cites }: Cause): readonly ReportFinding[] {
  const others = triggers.filter((one) => !one.cites.every((number) => cites.includes(number)))
  return others.slice(0, MOST_TRIGGERS)
}

/** Whether a step is no more than how a deeper one about the same object looks: its sentence would tell that one's words again. */
function isSeenOf(step: ReportFinding, { chain }: Cause): boolean {
  const place = chain.findIndex(({ says }) => says === step.says)
  return (
    step.kind === 'symptom' && chain.slice(0, place).some(({ subject }) => nameOf(subject) === nameOf(step.subject))
  )
}

function dated({ from }: ReportFinding, says: string, { bundle }: Report): string {
  return from === null ? says : `${clockOf(from, bundle.window.end)} ${says}`
}

/** What else it explains, by name only: the sentences say the same of each. */
function drawOthers({ report, paint, told }: Omit<Drawing, 'why'>, cause: Cause): string[] {
  const others = cause.explains
    .flatMap((index) => report.symptoms[index] ?? [])
    // Warnings are the same story in a component's words.
    .filter(({ says, symptom }) => told.tell(says) && symptom !== 'warnings')
  if (others.length === 0) return []
  const byTitle = [...Map.groupBy(others, ({ title }) => title)]
  const named = byTitle.map(([title, members]) => {
    const names = [...new Set(members.map(({ subject }) => nameOf(subject)))]
    const more = names.length > 3 ? ` and ${names.length - 3} more` : ''
    return `${title} (${names.slice(0, 3).join(', ')}${more})`
  })
  return labelled('and so', `${named.join('; ')}.`, paint)
}

/** The words first, because they convince, unless a sentence has quoted them; then where they stand. */
export function drawEvidence({ report, paint, told }: Omit<Drawing, 'why'>, cites: readonly number[]): string[] {
  const seen = new Set<string>()
  return cites.flatMap((number) => {
    const citation = report.citations[number]
    if (!citation) return []
    const where = placeOf(citation)
    // The same words of ten pods prove no more than those of one, nor two parts of one message more than it.
    if (seen.has(citation.words) || seen.has(where.join(''))) return []
    seen.add(citation.words).add(where.join(''))
    const isQuoted = citation.words.length > 20 && (told.holds(citation.words) || !told.tell(citation.words))
    const place = where.map((line) => paint('dim', line))
    return labelledLines('evidence', [...(isQuoted ? [] : quote(citation)), ...place], paint)
  })
}

const ROOM = WIDTH - 16

function quote(citation: Citation): readonly string[] {
  const words = cut(clean(citation.words), ROOM * 3)
  const field = 'pointer' in citation ? citation.pointer.split('/').at(-1) : undefined
  // A bare figure needs the name of its field.
  const quoted =
    field !== undefined && words.length < 20 && !/^\d+$/.test(field) ? `${clean(field)}: “${words}”` : `“${words}”`
  return wrap(quoted, ROOM).flatMap(breakWord)
}

/** JSON and stack traces have no spaces to be wrapped at. */
function breakWord(line: string): readonly string[] {
  return line.length > ROOM ? (line.match(new RegExp(`.{1,${ROOM}}`, 'gu')) ?? []) : [line]
}

/** Names in a path have up to 253 characters each. */
const LONGEST_PLACE = 1200

function placeOf(citation: Citation): readonly string[] {
  if ('line' in citation) return [cut(clean(`${citation.file}:${citation.line}`), LONGEST_PLACE)]
  const [file, pointer] = [cut(clean(citation.file), LONGEST_PLACE), cut(clean(citation.pointer), LONGEST_PLACE)]
  return file.length + pointer.length < ROOM ? [`${file}#${pointer}`] : [`${file}#`, pointer]
}

function drawRest({ why, paint, told }: Drawing, { rivals, fix, rule }: Cause): string[] {
  const others = rivals.filter((rival) => told.tell(`${rival.rule}: ${rival.says}`))
  return [
    ...firstOf(
      others,
      why ? others.length : MOST_RIVALS,
      (rival) => labelled('why not', `${word(rival.rule)}: ${rival.says}`, paint),
      (count) => labelled('', `and ${count} more; see --why`, paint).join(''),
    ),
    ...fix.slice(0, 2).flatMap((line) => labelled('for good', line, paint)),
    ...labelledLines('read on', [paint('cyan', `freezeframe explain ${word(rule)}`)], paint),
  ]
}

/** What its points are for. */
export function drawPoints({ points }: Cause, paint: Paint): string[] {
  const rows = points.parts.flatMap(({ for: what, points: number, says }) => {
    const [first = '', ...rest] = wrap(cut(clean(says), 300), ROOM - 24)
    return [
      `${String(number).padStart(4)}  ${word(what).padEnd(16)}  ${first}`,
      ...rest.map((line) => `${' '.repeat(24)}${line}`),
    ]
  })
  return labelledLines('points', [...rows, `${String(points.total).padStart(4)}  in all`], paint)
}
