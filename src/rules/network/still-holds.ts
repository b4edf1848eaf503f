import type { Incident } from '../../incident/incident.ts'
import type { Said } from '../../incident/statement.ts'
import { earliest, latest } from '../../incident/telling.ts'

/** What was said last longer ago than this is over: components repeat what they still suffer from, at the latest every few minutes. */
const CURRENT_MS = 30 * 60_000

/** Whether what was said still holds: a condition or a waiting container always, an event or a line of a log while it is young. */
export function stillHolds(incident: Incident, { source, last }: Said): boolean {
  return source === 'condition' || source === 'waiting' || (last !== undefined && last >= incident.now - CURRENT_MS)
}

/** The earliest time at which one of these was said. */
export function firstSaid(said: readonly Said[]): number | undefined {
  return earliest(said.map(({ first }) => first))
}

/** The latest time at which one of these was said. */
export function lastSaid(said: readonly Said[]): number | undefined {
  return latest(said.map(({ last }) => last))
}
