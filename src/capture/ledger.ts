import type { LedgerLine, Scope } from '../bundle/format.ts'

/** The lines of a run as they close; what has not been written into the bundle yet can be taken for the next segment. */
export interface Ledger {
  close(line: LedgerLine): void
  readonly lines: readonly LedgerLine[]
  /** Lines closed since the last call. */
  takeUnwritten(): LedgerLine[]
}

/** Creates the ledger of one run; what a line says of its reason may be somebody else's words, and is redacted. */
export function createLedger(
  onClose: (line: LedgerLine) => void,
  redact: (words: string) => string = (words) => words,
): Ledger {
  const lines: LedgerLine[] = []
  let written = 0
  return {
    lines,
    close(given) {
      const line = given.reason === undefined ? given : { ...given, reason: redact(given.reason) }
      lines.push(line)
      onClose(line)
    },
    takeUnwritten() {
      const unwritten = lines.slice(written)
      written = lines.length
      return unwritten
    },
  }
}

/** A line for a source that was never asked. */
export function unaskedLine(
  collector: string,
  scope: Scope,
  status: 'not-asked' | 'skipped' | 'timed-out' | 'failed',
  reason: string,
): LedgerLine {
  return { collector, scope, status, reason, requests: 0, bytes: 0, files: [] }
}
