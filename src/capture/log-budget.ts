/** Bytes for one log of a suspect, while the budget lasts: the size that issue trackers settle on (1 MiB shows hours of an ordinary service). */
const SUSPECT_LOG_BYTES = 1024 * 1024

/** Bytes for one log of a control or a system pod: enough to compare with. */
const OTHER_LOG_BYTES = 256 * 1024

/** Below this a log says nothing. */
const SMALLEST_LOG_BYTES = 16 * 1024

/** A share is at most this part of what is left, so that the budget shrinks but is never overrun by those who come first. */
const LARGEST_PART = 64

/** Raw log bytes of a run without `--max-size`; they compress about ten times. */
export const DEFAULT_LOG_BYTES = 512 * 1024 * 1024

/** The bytes of logs that a run may keep, handed out log by log: suspects get four times as much as the rest. */
export interface LogBudget {
  /** Bytes for each log of the next pod; 0 when the budget is used up. */
  share(suspect: boolean): number
  /** Counts what was kept. */
  spend(bytes: number): void
}

/** Creates the budget of one run, of `total` bytes before compression. */
export function createLogBudget(total: number): LogBudget {
  let left = total
  return {
    share(suspect) {
      const share = Math.min(suspect ? SUSPECT_LOG_BYTES : OTHER_LOG_BYTES, Math.floor(left / LARGEST_PART))
      return left < SMALLEST_LOG_BYTES ? 0 : Math.max(share, SMALLEST_LOG_BYTES)
    },
    spend(bytes) {
      left = Math.max(0, left - bytes)
    },
  }
}
