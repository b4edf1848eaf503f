import type { Citation } from '../citation.ts'
import type { Incident } from '../incident.ts'
import { onceFor } from '../once-for.ts'
import { latest } from '../telling.ts'
import { citeEntries } from './connection-summary.ts'
import { type ServiceFlow, serviceFlows } from './service-flows.ts'

/** Connections to a Service that a node sends, or sent, where nobody answers for it. */
export interface StaleFlow extends ServiceFlow {
  /** gone: to an address that is none of its endpoints, ready or not. untranslated: to nobody, as if the node knew no rule for the Service. */
  readonly how: 'gone' | 'untranslated'
  /** The address that is no endpoint, or the Service's own. */
  readonly address: string
  readonly entries: number
  /**
   * How many of these are certainly without an answer, whatever the others are. Only these tell of now: an open connection to a pod that is gone is
   * kept in mind for days (nf_conntrack_tcp_timeout_established), and one that closes for two minutes.
   */
  readonly unanswered: number
  readonly cites: readonly [Citation, Citation]
}

/** An entry that is not answered, or closes, is kept in mind for two minutes (nf_conntrack_proto_tcp.c, tcp_timeouts): endpoints may have changed since. */
const KEPT_MS = 150_000

const SLICES = 'endpointslices.discovery.k8s.io'

/** Finds the connections to Services that lead to none of their endpoints. Says nothing of Services whose endpoints changed just before. */
export const staleFlows = onceFor((incident: Incident): readonly StaleFlow[] =>
  serviceFlows(incident).flatMap((flow) => (isSettled(incident, flow) ? findStale(flow) : [])),
)

function isSettled(incident: Incident, { service }: ServiceFlow): boolean {
  const { namespace } = service.object.ref
  if (!incident.coverage.isComplete(SLICES, namespace) || service.endpoints.length === 0) return false
  const objects = [service.object, ...service.slices]
  const times = objects.flatMap(({ created, writes }) => [created, ...writes.map(({ at }) => at)])
  return (latest(times) ?? 0) < incident.start - KEPT_MS
}

function findStale(flow: ServiceFlow): readonly StaleFlow[] {
  const { service, target, summary } = flow
  const known = new Set(service.endpoints.map(({ address }) => address))
  const stale = target.endpoints.filter(({ address }) => !known.has(address))
  return stale.map((one) => ({
    ...flow,
    how: one.address === target.address ? 'untranslated' : 'gone',
    address: one.address,
    entries: one.entries,
    unanswered: Math.max(0, target.unreplied - (target.entries - one.entries)),
    cites: [citeEntries(summary, one), citeEntries(summary, target)],
  }))
}
