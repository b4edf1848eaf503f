import type { Paint } from '../shell.ts'
import { alignRows, clip, countOf, describeScope, formatBytes, formatClock, formatCount, printable } from '../text.ts'
import type { CollectorTally, Tally } from './tally.ts'

/** What the live view needs to know beside the figures. */
export interface Frame {
  readonly columns: number
  readonly rows: number
  readonly elapsed: number
  readonly deadline: number
  readonly paint: Paint
}

/** The live view's lines: a head, a row for each collector in the order of volatility, the totals, what was denied. */
export function draw(tally: Tally, frame: Frame): string[] {
  const head = drawHead(tally, frame)
  const foot = [...drawTotals(tally), ...drawDenied(tally, frame), drawHint(tally, frame)]
  const table = drawCollectors(tally, frame)
  // The block must fit the screen: a line that has scrolled away cannot be redrawn.
  const room = Math.max(1, frame.rows - 1 - foot.length - 1)
  return [head, ...table.slice(0, room), ...foot]
    .slice(0, Math.max(1, frame.rows - 1))
    .map((line) => clip(line, frame.columns - 1))
}

function drawHead({ server, version }: Tally, { columns, elapsed, deadline, paint }: Frame): string {
  const clock = `${formatClock(elapsed)} of ${formatClock(deadline)}`
  const subject = server === undefined ? 'connecting' : `${server} ${version ?? ''}`.trim()
  const room = Math.max(0, columns - clock.length - 'freezeframe '.length - 2)
  return `${paint('bold', 'freezeframe')} ${clip(printable(subject), room).padEnd(room)} ${clock}`
}

function drawCollectors({ collectors }: Tally, { paint }: Frame): string[] {
  const sorted = [...collectors.values()].sort((a, b) => a.band - b.band)
  const head = ['band', 'collector', 'done', 'files', 'bytes', ''].map((title) => paint('dim', title))
  return alignRows([head, ...sorted.map((one) => drawCollector(one, paint))], [0, 2, 3, 4])
}

function drawCollector(one: CollectorTally, paint: Paint): string[] {
  const missing = [...one.missing].map(([status, count]) => `${formatCount(count)} ${status}`).join(', ')
  return [
    one.band > 6 ? '' : String(one.band),
    drawName(one, paint),
    drawDone(one),
    formatCount(one.files),
    formatBytes(one.bytes),
    missing && paint('yellow', missing),
  ]
}

function drawName(one: CollectorTally, paint: Paint): string {
  if (one.running > 0) return paint('cyan', one.collector)
  return one.queued > 0 && one.finished >= one.queued ? paint('green', one.collector) : one.collector
}

function drawDone(one: CollectorTally): string {
  if (one.queued > 0) return `${formatCount(one.finished)}/${formatCount(one.queued)}`
  return one.running > 0 ? 'recording' : ''
}

function drawTotals({ progress, rate }: Tally): string[] {
  if (!progress) return []
  const throttled = progress.throttled === 0 ? 'no 429' : `${countOf(progress.throttled, '429')}`
  return [
    `${countOf(progress.requests, 'request')}, ${progress.inFlight} of ${progress.limit} at once, ${throttled}`,
    `${formatBytes(progress.bytesReceived)} received (${formatBytes(Math.round(rate))}/s), ${formatBytes(progress.bytesWritten)} written`,
  ]
}

function drawDenied({ denied }: Tally, { paint }: Frame): string[] {
  if (denied.length === 0) return []
  const names = [...new Set(denied.map(describeScope))].join(', ')
  return [paint('yellow', `denied: ${printable(names)}`)]
}

function drawHint({ ending }: Tally, { paint }: Frame): string {
  if (ending === undefined) return paint('dim', 'Ctrl-C ends early and keeps what has come')
  return ending === 'finished' ? 'closing the bundle' : `ending early (${ending}), closing the bundle`
}
