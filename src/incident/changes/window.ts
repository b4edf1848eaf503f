import { type Citation, cite } from '../citation.ts'
import type { Incident } from '../incident.ts'
import type { KubeObject } from '../object.ts'
import type { Write } from '../writes.ts'

/** Changes are looked for this long before the capture: events are gone after an hour, managedFields and creation times are not. */
const WINDOW_MS = 24 * 3600 * 1000

/** What is written this soon after an object's creation belongs to it: create, then the first apply or patch of the same command. */
const WITH_CREATION_MS = 5000

/** Whether a time is in the window in which changes count. */
export function isRecent(incident: Incident, at: number | undefined): at is number {
  return at !== undefined && at >= incident.start - WINDOW_MS && at <= incident.now + incident.clocks.tolerance
}

/** Writes in the window that are not the object's creation. */
export function recentWrites(incident: Incident, { writes, created }: KubeObject): readonly (Write & { at: number })[] {
  return writes.filter(
    (write): write is Write & { at: number } =>
      isRecent(incident, write.at) && (created === undefined || write.at > created + WITH_CREATION_MS),
  )
}

/** Cites when a write was: the time of its entry, in the API server's words. */
export function citeWrite(object: KubeObject, { index, at, manager }: Write): Citation {
  const entry = ['metadata', 'managedFields', index]
  if (at === undefined || at % 1000 !== 0) return cite(object, [...entry, 'manager'], manager)
  return cite(object, [...entry, 'time'], showTime(at))
}

/** A time as the API server writes it, in whole seconds. */
export function showTime(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z')
}
