import type { Incident } from '../incident.ts'
import type { KubeObject } from '../object.ts'
import type { Write } from '../writes.ts'

/** Changes are looked for this long before the capture: events are gone after an hour, managedFields and creation times are not. */
const WINDOW_MS = 24 * 3600 * 1000

/** What is written this soon after an object's creation belongs to it: create, then the first apply or patch of the same command. */
const WITH_CREATION_MS = 5000

/** Whether a time is in the window in which changes count. */
export function isInWindow(incident: Incident, at: number | undefined): at is number {
  return at !== undefined && at >= incident.start - WINDOW_MS && at <= incident.now + incident.clocks.tolerance
}

/** Writes in the window that are not the object's creation. */
export function recentWrites(incident: Incident, { writes, created }: KubeObject): readonly (Write & { at: number })[] {
  return writes.filter(
    (write): write is Write & { at: number } =>
      isInWindow(incident, write.at) && (created === undefined || write.at > created + WITH_CREATION_MS),
  )
}
