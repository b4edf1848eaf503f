import type { Report, ReportFinding } from '../../rca/report.ts'
import type { Paint } from '../paint.ts'
import { clockOf, nameOf, WORTH_TELLING } from '../words.ts'
import { drawCourse, drawEvidence, drawPoints } from './draw-causes.ts'
import { firstOf, item, labelled } from './lines.ts'
import type { Told } from './told.ts'

interface Drawing {
  readonly report: Report
  readonly paint: Paint
  readonly told: Told
  readonly why: boolean
}

const MOST_SYMPTOMS = 6
const MOST_OTHERS = 3

/** What is broken and nothing explains: its words, and where they stand. */
export function drawUnexplained(drawing: Drawing): string[] {
  const { report, paint } = drawing
  const roots = report.causes.filter(({ confidence }) => confidence === 'insufficient-evidence')
  const inCourses = new Set(report.causes.flatMap(({ chain }) => chain.map(({ says }) => says)))
  const left = report.symptoms.filter(
    ({ causes, weight, says }) => causes.length === 0 && weight >= WORTH_TELLING && !inCourses.has(says),
  )
  const drawn = [
    ...roots.map((root) => () => [
      ...item('  -', drawing.told.tell(root.says) ? root.says : `${root.title} (${nameOf(root.subject)}):`),
      ...drawCourse(drawing, root, true),
      ...root.common.flatMap(({ says }) => labelled('in common', says, paint)),
      ...drawEvidence(drawing, root.cites.slice(0, 2)),
      ...(drawing.why ? drawPoints(root, paint) : []),
    ]),
    ...left.map((symptom) => () => (drawing.told.tell(symptom.says) ? item('  -', symptom.says) : [])),
  ]
  if (drawn.length === 0) return []
  const isAll = report.causes.length === roots.length
  return [
    paint('bold', isAll ? 'What is seen' : 'Broken too, and not explained'),
    ...firstOf(
      drawn,
      drawing.why ? drawn.length : MOST_SYMPTOMS,
      (draw) => draw(),
      (count) => `  and ${count} more; see --format json`,
    ),
  ]
}

/** What somebody changed at the time of the incident, as far as no cause is told to have been set off by it. */
export function drawOtherChanges({ report, paint, told }: Drawing): string[] {
  const triggers = new Set(report.causes.flatMap((cause) => cause.triggers.map(({ says }) => says)))
  const others = report.timeline.filter(({ kind, says }) => kind === 'change' && !triggers.has(says) && told.tell(says))
  if (others.length === 0) return []
  return [
    paint('bold', 'Changed at that time too, and not known to have to do with it'),
    ...firstOf(
      others,
      MOST_OTHERS,
      ({ at, says }) => item('  -', `${clockOf(at, report.bundle.window.end)} ${says}`),
      (count) => `  and ${count} more; see --format md`,
    ),
  ]
}

/** Evidence that is gone, and weak spots that broke nothing yet. */
export function drawAsides({ report, paint, told }: Drawing): string[][] {
  return [
    drawList('Evidence that was destroyed', report.evidenceLoss, paint, told),
    drawList('Weak spots that broke nothing here', report.risks, paint, told),
  ]
}

function drawList(head: string, findings: readonly ReportFinding[], paint: Paint, told: Told): string[] {
  const fresh = findings.filter(({ says }) => told.tell(says))
  if (fresh.length === 0) return []
  return [
    paint('bold', head),
    ...firstOf(
      fresh,
      MOST_OTHERS,
      ({ says }) => item('  -', says),
      (count) => `  and ${count} more; see --format json`,
    ),
  ]
}

/** On a cluster that is well: what was noticed all the same, so that nobody thinks that it was overlooked. */
export function drawNoise({ report, paint, told }: Drawing): string[] {
  const { symptoms, verdict } = report
  if (verdict.status !== 'healthy') return []
  return drawList('Noticed, and too little to count', symptoms, paint, told)
}
