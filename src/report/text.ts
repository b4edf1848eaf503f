import type { Report } from '../rca/report.ts'
import { type Paint, plain } from './paint.ts'
import { drawActions } from './text/draw-actions.ts'
import { drawCauses } from './text/draw-causes.ts'
import { drawAsides, drawNoise, drawOtherChanges, drawUnexplained } from './text/draw-unexplained.ts'
import { drawEnd, drawLook, drawUnknown } from './text/draw-unknown.ts'
import { drawVerdict } from './text/draw-verdict.ts'
import { createTold } from './text/told.ts'

/** How a report is drawn for a terminal. */
export interface TextOptions {
  readonly paint?: Paint
  /** Show every cause, with its points. */
  readonly why?: boolean
}

/**
 * Draws a report for a terminal, 80 columns wide. The first screen says what is broken, how sure that is, how far it reaches, since when, and
 * what to do now; then why, what is not explained and what is not known. No sentence is told twice, and many of a kind are cut with a count.
 */
export function renderText(report: Report, { paint = plain, why = false }: TextOptions = {}): string {
  const drawing = { report, paint, told: createTold(), why }
  const sections = [
    drawVerdict(report, paint, drawing.told),
    drawActions(report, paint),
    drawCauses(drawing),
    drawUnexplained(drawing),
    drawOtherChanges(drawing),
    ...drawAsides(drawing),
    drawNoise(drawing),
    drawUnknown(report, paint),
    drawLook(report, paint),
    drawEnd(report, paint),
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}
