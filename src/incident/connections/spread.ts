import type { Citation } from '../citation.ts'
import type { Incident } from '../incident.ts'
import { listAt, numberAt } from '../kubernetes.ts'
import type { Pod } from '../pod.ts'
import type { Service } from '../service.ts'
import { citeEntries } from './connection-summary.ts'
import { flowsTo, type ServiceFlow } from './service-flows.ts'

/** How the open connections of TCP to a Service are spread over its pods. */
export interface Spread {
  readonly total: number
  /** Whether the nodes of all its pods told nearly all that they keep in mind; else there may be connections of which nobody was asked. */
  readonly isWhole: boolean
  of(pod: Pod): PodConnections
}

export interface PodConnections {
  readonly open: number
  readonly cites: readonly Citation[]
}

/** Of connections that are kept, nearly all are open; those of clients that connect anew for each call are closing, most of them (judgement). */
const KEPT = 0.8

/** So few of all change nothing (judgement). */
const FEW = 0.1

const NONE: PodConnections = { open: 0, cites: [] }

/**
 * Counts the open connections into each pod of a Service; undefined where no node knows of any, or where clients do not keep them. A connection is
 * kept in mind twice, where it was opened and where it ends, so the larger of both counts.
 */
export function spreadOf(incident: Incident, service: Service): Spread | undefined {
  const flows = flowsTo(incident, service).filter(({ target }) => target.protocol === 'tcp')
  if (flows.some(({ target }) => target.established < KEPT * target.entries)) return undefined
  const counted = new Map(service.pods.map((pod) => [pod, countOf(incident, service, pod)]))
  const total = [...counted.values()].reduce((sum, { open }) => sum + open, 0)
  if (total === 0) return undefined
  return {
    total,
    isWhole: countUnknown(incident, service) <= FEW * total,
    of: (pod) => counted.get(pod) ?? NONE,
  }
}

/** How many connections may be to its pods and not in any list. */
function countUnknown({ connections }: Incident, { pods }: Service): number {
  const unknown = pods.map(({ node }) => {
    const { summary } = connections.of(node) ?? {}
    return summary?.whole === true ? summary.mostUnlisted : Infinity
  })
  return unknown.reduce((sum, one) => sum + one, 0)
}

function countOf(incident: Incident, service: Service, pod: Pod): PodConnections {
  const flows = flowsTo(incident, service).filter(({ target }) => target.protocol === 'tcp')
  const opened = flows.map((flow) => ({ node: flow.node, ...translatedTo(flow, pod) }))
  const there = sum([...opened.filter(({ node }) => node === pod.node), ...arrivedAt(incident, service, pod)])
  const everywhere = sum(opened)
  return there.open >= everywhere.open ? there : everywhere
}

function translatedTo({ summary, target }: ServiceFlow, { ip }: Pod): PodConnections {
  return sum(
    target.endpoints
      .filter(({ address }) => address === ip && ip !== '')
      .map((one) => ({ open: one.entries, cites: [citeEntries(summary, one)] })),
  )
}

/** Connections to the pod's own address, as its node sees those from elsewhere: at ports of the Service, because probes of others are no clients. */
function arrivedAt(incident: Incident, service: Service, pod: Pod): readonly PodConnections[] {
  const ports = portsOf(service)
  const summary = incident.connections.of(pod.node)?.summary
  if (!summary) return []
  return summary.targets
    .filter(({ protocol, address, port }) => protocol === 'tcp' && address === pod.ip && ports.has(port))
    .map((target) => ({ open: target.established, cites: [citeEntries(summary, target)] }))
}

function portsOf({ slices, ports }: Service): ReadonlySet<number | undefined> {
  const numbers = slices.flatMap(({ json }) => listAt(json, 'ports').map((one) => numberAt(one, 'port')))
  const named = ports.map(({ targetPort }) => Number(targetPort)).filter((port) => port > 0)
  return new Set(numbers.length > 0 ? numbers : named)
}

function sum(parts: readonly PodConnections[]): PodConnections {
  return {
    open: parts.reduce((total, { open }) => total + open, 0),
    cites: parts.filter(({ open }) => open > 0).flatMap(({ cites }) => cites),
  }
}
