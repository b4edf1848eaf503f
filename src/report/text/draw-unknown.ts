import type { Report } from '../../rca/report.ts'
import { groupGaps } from '../gaps.ts'
import type { Paint } from '../paint.ts'
import { clean, clockOf, countOf, cut, momentOf } from '../words.ts'
import { firstOf, item, paragraph } from './lines.ts'

const MOST_LINES = 8

/** What could not be known, why, and what would tell. */
export function drawUnknown({ next, rules, coverage }: Report, paint: Paint): string[] {
  const crashed = rules.filter(({ status }) => status === 'crashed')
  const lines = [
    ...crashed.map(({ id, why }) => `The rule ${id} broke off, which is a bug: ${why}`),
    ...next,
    ...describeGaps(coverage),
  ]
  if (lines.length === 0) return []
  return [
    paint('bold', 'Not known'),
    ...firstOf(
      lines,
      MOST_LINES,
      (line) => item('  -', line),
      (count) => `  and ${count} more; see --format json`,
    ),
  ]
}

/** A reason may hold the whole answer of a kubelet. */
const LONGEST_REASON = 120

/** Kinds of evidence that are missing, a few of each reason. */
function describeGaps(coverage: Report['coverage']): readonly string[] {
  return groupGaps(coverage, (why) => cut(why, LONGEST_REASON)).map(([reason, names]) => {
    const more = names.length > 6 ? ` and ${countOf(names.length - 6, 'more kind')}` : ''
    return `${reason}: ${names.slice(0, 6).join(', ')}${more}.`
  })
}

/** Where nothing says what to do, looking is all there is to do. */
export function drawLook({ verdict, mitigation, replay }: Report, paint: Paint): string[] {
  const commands = replay.filter((command) => command.startsWith('freezeframe serve '))
  if (verdict.status !== 'unsure' || mitigation.length > 0 || commands.length === 0) return []
  return [
    paint('bold', 'Look yourself, with no cluster there'),
    ...commands.map((command) => `  ${paint('cyan', cut(clean(command), 1000))}`),
  ]
}

/** Which bundle it is about, and how to see more. */
export function drawEnd({ bundle, causes }: Report, paint: Paint): string[] {
  const { name, cluster, version, outcome, window } = bundle
  const of = `${cluster}${version === null ? '' : ` (${version})`}, ${outcome}`
  const end = clockOf(window.end, window.start)
  const lines = [
    ...paragraph(`${name}: ${of}, captured ${momentOf(window.start).replace(' UTC', '')} to ${end} UTC.`, 0),
    ...(causes.length === 0 ? [] : ['More: --why, --why-not RULE, and for a postmortem --format md.']),
  ]
  return lines.map((line) => paint('dim', line))
}
