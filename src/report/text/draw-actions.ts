import type { Report, ReportAction } from '../../rca/report.ts'
import type { Paint } from '../paint.ts'
import { clean } from '../words.ts'
import { firstOf, item, WIDTH } from './lines.ts'

/** More than this is no help at 2 a.m., and does not fit the first screen. */
const MOST_ACTIONS = 4

/** What is shown of a command is all of it, so that it can be pasted; one longer than this was made by a name that is none. */
const LONGEST_COMMAND = 1000

const CHANGES = '[changes the cluster]'

/** What to do now. Commands stand alone on their line, whole, however long. */
export function drawActions({ mitigation, causes }: Report, paint: Paint): string[] {
  if (mitigation.length === 0) return []
  const isOne = new Set(mitigation.map(({ cause }) => cause)).size === 1
  return [
    paint('bold', causes[0]?.confidence === 'possible' ? 'Do now, if the cause below is right' : 'Do now'),
    ...firstOf(
      mitigation,
      MOST_ACTIONS,
      (action, index) => drawAction(action, `${index + 1}.`, isOne, paint),
      (count) => `     and ${count} more; see --format md`,
    ),
  ]
}

function drawAction(
  { says, command, changes, cause }: ReportAction,
  mark: string,
  isOne: boolean,
  paint: Paint,
): string[] {
  const target = isOne ? '' : ` (cause ${cause})`
  const lines = item(mark.padStart(4), `${says}${target}`)
  return [
    ...(changes ? markChange(lines, paint) : lines),
    ...(command === undefined ? [] : [`     ${drawCommand(command, paint)}`]),
  ]
}

/** Behind the last word where there is room, otherwise on a line of its own: never broken, because it must not be overlooked. */
function markChange(lines: readonly string[], paint: Paint): readonly string[] {
  const last = lines.at(-1) ?? ''
  const mark = paint('yellow', CHANGES)
  if (last.length + 1 + CHANGES.length > WIDTH) return [...lines, `     ${mark}`]
  return [...lines.slice(0, -1), `${last} ${mark}`]
}

function drawCommand(command: string, paint: Paint): string {
  const line = clean(command)
  if (line.length > LONGEST_COMMAND) return paint('dim', '(a command too long to show; see --format json)')
  return paint('cyan', line)
}
