import type { Shell } from '../shell.ts'
import type { ProgressView } from './progress.ts'

/** One JSON line for each event, with the time; for machines. */
export function openJsonLines(shell: Shell): ProgressView {
  return {
    show(event) {
      shell.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`)
    },
    close() {},
  }
}
