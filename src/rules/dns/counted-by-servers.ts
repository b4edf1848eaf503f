import type { Citation } from '../../incident/citation.ts'
import { clusterDns } from '../../incident/cluster-dns.ts'
import { citeGrowth } from '../../incident/counters/reading.ts'
import type { Incident } from '../../incident/incident.ts'
import type { NameServerSeries } from '../../incident/name-servers/name-servers.ts'

/** What name servers counted between two samples. */
export interface CountedByServers {
  readonly times: number
  readonly seconds: number
  readonly cites: readonly Citation[]
}

/** Adds up what the name servers of the cluster counted under a name; undefined where it did not grow, or nobody asked them twice. */
export function countedByServers(incident: Incident, name: NameServerSeries): CountedByServers | undefined {
  const grown = clusterDns(incident)
    .pods.flatMap(({ ref }) => incident.nameServers.of(ref)?.series(name) ?? [])
    .flatMap(({ growth }) => (growth !== undefined && growth.delta > 0 ? [growth] : []))
  const [first] = grown
  if (!first) return undefined
  return {
    times: grown.reduce((sum, { delta }) => sum + delta, 0),
    seconds: Math.round(first.seconds),
    cites: grown.slice(0, 2).flatMap(citeGrowth),
  }
}
