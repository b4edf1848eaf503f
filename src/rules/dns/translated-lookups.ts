import type { Citation } from '../../incident/citation.ts'
import { clusterDns } from '../../incident/cluster-dns.ts'
import { citeEntries } from '../../incident/connections/connection-summary.ts'
import type { NodeConnections } from '../../incident/connections/connections.ts'
import { flowsTo, type ServiceFlow } from '../../incident/connections/service-flows.ts'
import type { Incident } from '../../incident/incident.ts'

/** A node that sends lookups by UDP to an address of a Service, which it translates, and that loses packets because two are one. */
export interface LossyNode {
  readonly node: string
  /** Packets between the samples. */
  readonly lost: number
  readonly seconds: number
  /** Lookups that it keeps in mind. */
  readonly lookups: number
  readonly cites: readonly Citation[]
}

/** One or two in half a minute may be of any connection (judgement). */
const FEWEST_LOST = 3

const PORT = 53

/** What an asked node lost; undefined where that is not known, or where it translates no lookups, as with a cache on the node. */
export function translatedLookups(incident: Incident, name: string): LossyNode | undefined {
  const from = incident.connections.of(name)
  const [flow] = clusterDns(incident)
    .services.flatMap((service) => flowsTo(incident, service))
    .filter((one) => one.node === name && isTranslated(one))
  const lost = from && lostToOthers(from)
  if (!flow || !lost) return undefined
  const cites = [...lost.cites, citeEntries(flow.summary, flow.target)]
  return { node: name, ...lost, lookups: flow.target.entries, cites }
}

/** Whether a node loses enough of them to be noticed. */
export function isLossy({ lost }: LossyNode): boolean {
  return lost >= FEWEST_LOST
}

function isTranslated({ target: { protocol, port, address, endpoints } }: ServiceFlow): boolean {
  return protocol === 'udp' && port === PORT && endpoints.some((one) => one.address !== address)
}

/**
 * Packets that were dropped because another had entered as the same connection: `insert_failed` without chains that were too long, and no more than
 * `drop`, which counts them too; kernels before 5.10 count in `insert_failed` also those that both could be kept (nf_ct_resolve_clash).
 */
function lostToOthers({ table }: NodeConnections) {
  const [failed, dropped] = [table.growth('insert_failed'), table.growth('drop')]
  if (!failed || !dropped) return undefined
  const lost = Math.min(failed.delta - (table.growth('chaintoolong')?.delta ?? 0), dropped.delta)
  return { lost: Math.max(0, lost), seconds: Math.round(failed.seconds), cites: failed.cites }
}
