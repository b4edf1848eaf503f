import type { TimelineEntry } from '../incident/timeline.ts'
import { cell, code } from './markdown/inert.ts'
import { WIDTH } from './text/lines.ts'
import { clean, cut, nameOf, placeOf, wrap } from './words.ts'

/** `11:58:03  `, below which further lines stand. */
const INDENT = 10

/** A message that holds a page is cut; all of it is in the JSON. */
const LONGEST = 400

/** Everything dated for a terminal: a head for each day, a time and a sentence for each entry; the clock is the API server's, in UTC. */
export function timelineText(entries: readonly TimelineEntry[]): string {
  const days = [...Map.groupBy(entries, ({ at }) => moment(at).slice(0, 10))]
  return days.map(([day, those]) => `${day} (UTC)\n${those.map(drawEntry).join('')}`).join('\n')
}

function drawEntry(entry: TimelineEntry): string {
  const [first = '', ...rest] = wrap(cut(tell(entry), LONGEST), WIDTH - INDENT)
  const lines = [`${moment(entry.at).slice(11, 19)}  ${first}`, ...rest.map((line) => `${' '.repeat(INDENT)}${line}`)]
  return `${lines.join('\n')}\n`
}

/** `It was created.` needs the name before it; what names itself does not. */
function tell({ about, says, source }: TimelineEntry): string {
  return clean(source === 'capture' || says.startsWith(nameOf(about)) ? says : `${nameOf(about)}: ${says}`)
}

/** The same as a table, each entry with the place in the bundle that says so. */
export function timelineMarkdown(entries: readonly TimelineEntry[]): string {
  const rows = entries.map(
    ({ at, about, says, source, cites }) =>
      `| ${moment(at).slice(0, 19).replace('T', ' ')} | ${source === 'capture' ? '' : cell(nameOf(about))} | ${cell(cut(says, LONGEST))} | ${code(placeOf(cites[0]))} |`,
  )
  return `${['| time (UTC) | object | what | evidence |', '| --- | --- | --- | --- |', ...rows].join('\n')}\n`
}

/** The same for programs: times in RFC 3339, `uncertainty` in milliseconds, every citation with file, place and words. */
export function timelineJson(entries: readonly TimelineEntry[]): string {
  return `${JSON.stringify({ timeline: entries.map((entry) => ({ ...entry, at: moment(entry.at) })) }, null, 2)}\n`
}

function moment(at: number): string {
  return new Date(at).toISOString()
}
