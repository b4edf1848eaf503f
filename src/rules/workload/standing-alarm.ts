import type { Incident } from '../../incident/incident.ts'
import { loggedAt } from '../../incident/logged-line.ts'
import { keyOf } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { latest } from '../../incident/telling.ts'
import { NEWS } from '../outbreak.ts'

/** Whether a broker told of an alarm in the log that it still writes: it tells of it once when it is set, and once when it clears. */
export function isStanding(incident: Incident, said: Said): boolean {
  if (said.id !== 'rabbit-alarm' || said.source !== 'log') return false
  const log = loggedAt(incident, said.citation)?.log
  return log !== undefined && !log.previous && !log.summary.gapped && (said.last ?? 0) >= incident.now - NEWS
}

/** Whether whoever told of an alarm said since that it is over. */
export function isCleared(incident: Incident, { id, about, last }: Said): boolean {
  if (id !== 'rabbit-alarm') return false
  const clears = incident.said('rabbit-alarm-cleared').filter((one) => keyOf(one.about) === keyOf(about))
  const cleared = latest(clears.map((one) => one.last))
  return cleared !== undefined && last !== undefined && cleared >= last
}
