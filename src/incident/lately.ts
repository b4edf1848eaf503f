import type { Incident } from './incident.ts'
import type { Said } from './statement.ts'

/** What ended longer before the capture is not of this incident: as long as an API server keeps events (`--event-ttl`, 1 h). */
export const RECENT = 60 * 60 * 1000

/** Whatever fails again is said again within this time: the longest back-off of the kubelet and of controllers is 5 and about 17 minutes. */
export const LATELY = 20 * 60 * 1000

/** Whether a component still says it: as the state of now, or in an event of late. What stands in a log of an application does not count. */
export function isSaidNow(incident: Incident, { source, last }: Said): boolean {
  if (source === 'log') return false
  return source !== 'event' || last === undefined || incident.now - last < LATELY
}
