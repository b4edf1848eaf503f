import { INCOMPLETE_STATUSES, type LedgerLine, type LedgerStatus, type Scope } from '../../bundle/format.ts'
import type { CaptureEvent } from '../../capture/events.ts'

/** How far one collector is. */
export interface CollectorTally {
  readonly collector: string
  readonly band: number
  /** Targets queued, and done; a recording is never queued and has neither. */
  queued: number
  finished: number
  running: number
  files: number
  bytes: number
  /** Ledger lines that make the capture partial, by status. */
  readonly missing: Map<LedgerStatus, number>
}

/** The figures of a running capture, added up from its events. */
export interface Tally {
  readonly collectors: ReadonlyMap<string, CollectorTally>
  readonly server: string | undefined
  readonly version: string | undefined
  readonly progress: Extract<CaptureEvent, { type: 'progress' }> | undefined
  /** Bytes received per second, over the last few progress events. */
  readonly rate: number
  readonly denied: readonly Scope[]
  readonly ending: Extract<CaptureEvent, { type: 'ending' }>['reason'] | undefined
  add(event: CaptureEvent): void
}

/** Progress events that the rate is taken over: with two in a second, five seconds. */
const RATE_WINDOW = 10

/** Starts counting. */
export function createTally(): Tally {
  const collectors = new Map<string, CollectorTally>()
  const recent: Extract<CaptureEvent, { type: 'progress' }>[] = []
  const denied: Scope[] = []
  let server: string | undefined
  let version: string | undefined
  let ending: Tally['ending']

  function tallyOf(collector: string, band: number): CollectorTally {
    const known = collectors.get(collector)
    if (known) return known
    const fresh = { collector, band, queued: 0, finished: 0, running: 0, files: 0, bytes: 0, missing: new Map() }
    collectors.set(collector, fresh)
    return fresh
  }

  function close(line: LedgerLine): void {
    if (line.status === 'denied') denied.push(line.scope)
    if (!INCOMPLETE_STATUSES.includes(line.status)) return
    const { missing } = tallyOf(line.collector, UNPLANNED_BAND)
    missing.set(line.status, (missing.get(line.status) ?? 0) + 1)
  }

  function add(event: CaptureEvent): void {
    if (event.type === 'connected') {
      server = event.server
      version = event.version ?? undefined
    } else if (event.type === 'queued') tallyOf(event.collector, event.band).queued += event.count
    else if (event.type === 'started') tallyOf(event.collector, event.band).running++
    else if (event.type === 'file') addFile(tallyOf(event.collector, UNPLANNED_BAND), event.bytes)
    else if (event.type === 'closed') close(event.line)
    else if (event.type === 'finished') finish(tallyOf(event.collector, event.band))
    else if (event.type === 'progress') recent.splice(0, Math.max(0, recent.push(event) - RATE_WINDOW))
    else if (event.type === 'ending') ending = event.reason
  }

  return {
    collectors,
    get server() {
      return server
    },
    get version() {
      return version
    },
    get progress() {
      return recent.at(-1)
    },
    get rate() {
      return rateOf(recent)
    },
    denied,
    get ending() {
      return ending
    },
    add,
  }
}

/** A source without a place in the order of volatility (who asked, what was left out) is shown last. */
const UNPLANNED_BAND = 9

function addFile(tally: CollectorTally, bytes: number): void {
  tally.files++
  tally.bytes += bytes
}

function finish(tally: CollectorTally): void {
  tally.finished++
  tally.running--
}

function rateOf(recent: readonly Extract<CaptureEvent, { type: 'progress' }>[]): number {
  const [first, last] = [recent[0], recent.at(-1)]
  if (!first || !last || last.elapsed === first.elapsed) return 0
  return ((last.bytesReceived - first.bytesReceived) * 1000) / (last.elapsed - first.elapsed)
}
