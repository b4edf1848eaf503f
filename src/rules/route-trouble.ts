import type { BrokenRoute } from '../incident/broken-route.ts'
import type { Incident } from '../incident/incident.ts'
import type { Said } from '../incident/statement.ts'
import { latest } from '../incident/telling.ts'
import { writtenAt } from '../incident/written-at.ts'
import { isLive } from './live.ts'

/** Routes that nobody misses stay for years; one that was written within a day is somebody's work of now. */
const OF_LATE = 24 * 60 * 60 * 1000

/** Whether somebody is in trouble for a route that leads nowhere, as far as can be seen from within the cluster. */
export function isFelt(incident: Incident, broken: BrokenRoute): boolean {
  return broken.isSaid || isOfLate(incident, broken) || complaintsOf(incident, broken).length > 0
}

/** Whether it was written, or refused, within a day: what has led nowhere for longer is mostly left behind, and its controller complains all the same. */
export function isOfLate({ now }: Incident, { since, route }: BrokenRoute): boolean {
  const at = latest([since, writtenAt(route)])
  return at !== undefined && now - at < OF_LATE
}

/** What controllers say of the Ingress now, or of the backend that they do not find. */
export function complaintsOf(incident: Incident, { route, missing }: BrokenRoute): readonly Said[] {
  const names = [route.ref, ...missing].map(({ namespace, name }) => `${namespace ?? ''}/${name}`)
  return incident
    .said('ingress-backend-missing')
    .filter((said) => names.includes(serviceIn(said)) && isLive(incident, said))
}

function serviceIn({ values: { service, namespace, name } }: Said): string {
  return service ?? `${namespace}/${name}`
}
