import type { Incident } from '../incident.ts'
import { onceFor } from '../once-for.ts'
import { keyOf } from '../reference.ts'
import type { Service } from '../service.ts'
import { clusterAddresses } from './cluster-addresses.ts'
import type { ConnectionSummary, Target } from './connection-summary.ts'
import type { NodeConnections } from './connections.ts'

/** Connections that were opened to a Service through one node. */
export interface ServiceFlow {
  readonly node: string
  readonly summary: ConnectionSummary
  readonly service: Service
  readonly target: Target
}

/**
 * The connections to a Service that the asked nodes keep in mind. They are kept by the node that translated the address, where the client is: the
 * node of the pod that answers sees a connection to the pod.
 */
export function flowsTo(incident: Incident, { object }: Service): readonly ServiceFlow[] {
  return flowsByService(incident).get(keyOf(object.ref)) ?? []
}

/** All connections to Services, in the order of nodes. */
export function serviceFlows(incident: Incident): readonly ServiceFlow[] {
  return [...flowsByService(incident).values()].flat()
}

const flowsByService = onceFor((incident: Incident) =>
  Map.groupBy(
    incident.connections.nodes.flatMap((from) => flowsThrough(incident, from)),
    ({ service }) => keyOf(service.object.ref),
  ),
)

function flowsThrough(incident: Incident, from: NodeConnections): readonly ServiceFlow[] {
  const { serviceAt } = clusterAddresses(incident)
  const { node, summary } = from
  if (!summary) return []
  return summary.targets.flatMap((target) => {
    const service = serviceAt(target.protocol, target.address, target.port)
    return service ? [{ node, summary, service, target }] : []
  })
}
