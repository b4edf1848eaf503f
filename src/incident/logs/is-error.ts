import type { LogTemplate } from './log-summary.ts'

/** Whether a line gives itself the level of an error. */
export function isError({ level }: Pick<LogTemplate, 'level'>): boolean {
  return level === 'error' || level === 'fatal'
}
