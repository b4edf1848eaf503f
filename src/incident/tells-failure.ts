import { PROGRESS } from './logs/classes.ts'
import type { LogTemplate } from './logs/log-summary.ts'

/** Whether lines of a log say that something failed: by their level, or by a class that is no mere progress. */
export function tellsFailure({ level, classes }: Pick<LogTemplate, 'level' | 'classes'>): boolean {
  return level === 'error' || level === 'fatal' || classes.some((one) => !PROGRESS.has(one))
}
