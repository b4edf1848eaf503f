import { setTimeout as sleep } from 'node:timers/promises'
import type { Changes } from '../changes/changes.ts'
import type { Step } from '../changes/steps.ts'
import type { Row } from '../listing.ts'
import type { Found, Writing } from '../write-objects.ts'
import { present, type Transition, transitionOf } from './transition.ts'
import { bookmarkOf, createEventWriter, type EventWriter, withVersion } from './write-event.ts'

/** One client's watch. */
export interface Watch {
  readonly changes: Changes
  /** The state to begin with; undefined where the client has it. */
  readonly rows: readonly Row[] | undefined
  /** The version of the state that the client has, or gets. */
  readonly version: bigint
  readonly matches: (row: Row) => boolean
  readonly bookmarks: boolean
  readonly writing: Writing
  /** Fires when the watch is to end. */
  readonly signal: AbortSignal
  read(rows: readonly Row[]): AsyncIterable<Found>
}

/** The API server sends a bookmark about once a minute (KEP-956), which also keeps a silent connection alive. */
const BOOKMARK_MS = 60_000

/** Bytes that are gathered before they are given to the connection. */
const PIECE_BYTES = 64 * 1024

/** The lines of a watch, for as long as it lasts. Nothing is read before it is due and the client has taken what came before. */
export async function* watchEvents(watch: Watch): AsyncGenerator<Buffer> {
  const { changes, matches, signal, writing } = watch
  const write = createEventWriter(writing)
  let reached = watch.version

  function bookmark(isInitialEnd = false): Buffer[] {
    if (!watch.bookmarks || signal.aborted) return []
    return [write('BOOKMARK', bookmarkOf(writing.kind, String(reached), isInitialEnd))]
  }

  if (watch.rows) {
    yield* send(watch, write, watch.rows.filter(matches).map(present))
    yield* bookmark(true)
  }
  const steps = changes.steps.filter((step) => step.version > watch.version)
  for (let next = 0; next < steps.length && !signal.aborted; ) {
    for await (const _ of minutesOf(changes.until(steps[next]?.at ?? 0), signal)) yield* bookmark()
    const due = dueFrom(steps, next, changes)
    yield* send(
      watch,
      write,
      due.map((step) => transitionOf(step, matches)).filter((one) => one !== undefined),
    )
    next += due.length
    reached = due.at(-1)?.version ?? reached
  }
  if (steps.length > 0) yield* bookmark()
  for await (const _ of minutesOf(Number.POSITIVE_INFINITY, signal)) yield* bookmark()
}

/** The steps from one on whose time has come. */
function dueFrom(steps: readonly Step[], first: number, { until }: Changes): readonly Step[] {
  let end = first
  for (let step = steps[end]; step && until(step.at) === 0; step = steps[end]) end++
  return steps.slice(first, end)
}

async function* send(
  { read, signal }: Watch,
  write: EventWriter,
  transitions: readonly Transition[],
): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = []
  let bytes = 0
  let sent = 0
  for await (const found of read(transitions.map(({ row }) => row))) {
    const transition = transitions[sent++]
    if (!transition || signal.aborted) return
    const piece = write(transition.type, withVersion(found, transition.version))
    pieces.push(piece)
    bytes += piece.length
    if (bytes < PIECE_BYTES) continue
    yield Buffer.concat(pieces)
    pieces = []
    bytes = 0
  }
  if (bytes > 0) yield Buffer.concat(pieces)
}

/** Waits, and comes back after each minute that is not the last; ends early with the signal. */
async function* minutesOf(milliseconds: number, signal: AbortSignal): AsyncGenerator<undefined> {
  for (let left = milliseconds; left > 0 && !signal.aborted; left -= BOOKMARK_MS) {
    await sleep(Math.min(left, BOOKMARK_MS), undefined, { signal }).catch(() => {})
    if (left > BOOKMARK_MS) yield
  }
}
