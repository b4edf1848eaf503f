import { clusterDns } from '../../incident/cluster-dns.ts'
import { hasNoReadyEndpoint } from '../../incident/endpoints.ts'
import type { Incident } from '../../incident/incident.ts'
import type { MessageId } from '../../incident/messages/index.ts'
import { keyOf } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { isLive } from '../live.ts'

/** What the name servers say until now. */
export function serverSaid(incident: Incident, ...ids: readonly MessageId[]): readonly Said[] {
  const servers = new Set(clusterDns(incident).pods.map(({ ref }) => keyOf(ref)))
  return incident.said(...ids).filter((one) => servers.has(keyOf(one.about)) && isLive(incident, one))
}

/** Whether nobody answers for the names of the cluster: then whatever else is said of DNS comes of that. */
export function isDnsDown(incident: Incident): boolean {
  const { services } = clusterDns(incident)
  const selecting = services.filter(({ selector }) => Object.keys(selector).length > 0)
  return selecting.length > 0 && selecting.every(hasNoReadyEndpoint)
}
