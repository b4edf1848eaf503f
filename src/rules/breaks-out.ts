import type { Incident } from '../incident/incident.ts'
import type { LoggedLine } from '../incident/logged-line.ts'
import { outbreakOf } from './outbreak.ts'

/** Whether lines of one kind are an incident in one of the logs that they stand in. */
export function breaksOut(incident: Incident, lines: readonly LoggedLine[]): boolean {
  return [...Map.groupBy(lines, ({ log }) => log)].some(([log, same]) => {
    const failures = new Set(same.map(({ template }) => template))
    return outbreakOf(incident, log, [...failures]) !== undefined
  })
}
