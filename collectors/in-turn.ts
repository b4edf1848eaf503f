import type { Scope } from '../src/bundle/format.ts'
import type { Close, Evidence } from '../src/collector.ts'

/** One source of several that a collector reads for the same target. */
export interface Turn {
  readonly scope: Scope
  collect(): AsyncIterable<Evidence | Close>
}

/**
 * Reads one source after the other. Where one throws (the run has ended, the server cannot be reached), each that was not reached gets its
 * line in the ledger before the error goes on: without one, its absence would look like health.
 */
export async function* inTurn(turns: readonly Turn[]): AsyncGenerator<Evidence | Close> {
  for (const [index, turn] of turns.entries()) {
    try {
      yield* turn.collect()
    } catch (error) {
      const reason = `not asked: ${error instanceof Error ? error.message : String(error)}`
      for (const { scope } of turns.slice(index + 1)) yield { type: 'close', scope, status: 'skipped', reason }
      throw error
    }
  }
}
