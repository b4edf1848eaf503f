import type { Report, ReportAction } from '../../rca/report.ts'
import type { Paint } from '../paint.ts'
import { clean } from '../words.ts'
import { firstOf, item } from './lines.ts'

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
  const lines = item(mark.padStart(4), `${says}${target}${changes ? ` ${CHANGES}` : ''}`)
  return [
    ...lines.map((line) => line.replace(CHANGES, paint('yellow', CHANGES))),
    ...(command === undefined ? [] : [`     ${drawCommand(command, paint)}`]),
  ]
}

function drawCommand(command: string, paint: Paint): string {
  const line = clean(command)
  if (line.length > LONGEST_COMMAND) return paint('dim', '(a command too long to show; see --format json)')
  return paint('cyan', line)
}
