import { paintFor, type Shell } from '../shell.ts'
import { countOf, formatBytes, formatClock, printable } from '../text.ts'
import type { ProgressView } from './progress.ts'
import { type CollectorTally, createTally, type Tally } from './tally.ts'

/** Milliseconds between two signs of life where nothing else is said. */
const HEARTBEAT_MS = 10_000

/** A collector whose last target is done may get more (logs do): it is settled when a second passes without. */
const SETTLE_MS = 1000

/** Lines for logs and pipes: one for each collector that is done, and a heartbeat; never one for each file. */
export function openPlainLines(shell: Shell): ProgressView {
  const tally = createTally()
  const paint = paintFor(shell.stderr)
  const begun = Date.now()
  const told = new Map<string, string>()
  let spoken = begun

  function say(text: string): void {
    spoken = Date.now()
    shell.stderr.write(`${paint('dim', `[${formatClock(spoken - begun)}]`)} ${printable(text)}\n`)
  }

  function tell(collectors: Iterable<CollectorTally>): void {
    for (const one of collectors) {
      const line = describeCollector(one)
      if (told.get(one.collector) !== line) say(line)
      told.set(one.collector, line)
    }
  }

  const timer = setInterval(() => {
    tell([...tally.collectors.values()].filter((one) => isSettled(one) && !told.has(one.collector)))
    if (Date.now() - spoken >= HEARTBEAT_MS) say(describeProgress(tally))
  }, SETTLE_MS)
  timer.unref()

  return {
    show(event) {
      tally.add(event)
      if (event.type === 'connected') say(`connected to ${event.server} (${event.version ?? 'version unknown'})`)
      else if (event.type === 'notice') say(event.level === 'warning' ? `warning: ${event.message}` : event.message)
      else if (event.type === 'ending') {
        clearInterval(timer)
        tell(tally.collectors.values())
        if (event.reason !== 'finished') say(`ending early (${event.reason})`)
      }
    },
    close() {
      clearInterval(timer)
    },
  }
}

function isSettled(one: CollectorTally): boolean {
  return one.queued > 0 && one.finished >= one.queued
}

function describeCollector(one: CollectorTally): string {
  const missing = [...one.missing].map(([status, count]) => `, ${count} ${status}`).join('')
  return `${one.collector}: ${countOf(one.files, 'file')}, ${formatBytes(one.bytes)}${missing}`
}

function describeProgress({ progress, collectors }: Tally): string {
  const busy = [...collectors.values()].filter((one) => one.running > 0).map((one) => one.collector)
  const figures = progress
    ? `${countOf(progress.requests, 'request')}, ${formatBytes(progress.bytesReceived)} received, ${formatBytes(progress.bytesWritten)} written`
    : 'waiting for the first answer'
  return busy.length > 0 ? `${figures}; at work: ${busy.join(', ')}` : figures
}
