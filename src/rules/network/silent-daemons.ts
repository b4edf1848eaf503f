import type { Citation } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { NodePort } from '../../incident/node-ports.ts'
import type { Pod } from '../../incident/pod.ts'
import { networkAgents } from './agents.ts'

/** A daemon that listens on none of its ports on a node, while it does on others. */
export interface SilentDaemon {
  readonly node: string
  readonly citation: Citation
}

/** The ports of a daemon, as a collector asks for them. */
interface Ports {
  readonly collector: string
  readonly ports: readonly number[]
}

/** ipamd opens both once it is ready for the plugin, just before the port of the plugin itself (aws/amazon-vpc-cni-k8s v1.23, cmd/aws-k8s-agent/main.go). */
const IPAMD: Ports = { collector: 'cni', ports: [61678, 61679] }

/** kube-proxy opens both before it writes its first rule (kubernetes/kubernetes v1.33, cmd/kube-proxy/app/server.go, Run). */
const KUBE_PROXY: Ports = { collector: 'kube-proxy', ports: [10249, 10256] }

/** A daemon may look for the API server, and for EC2, for as long as this before it listens (judgement). */
const STARTING_MS = 3 * 60_000

/** Nodes on which aws-node runs and its agent does not listen. */
export function silentAgents(incident: Incident): readonly SilentDaemon[] {
  const agents = networkAgents(incident).filter(({ ref }) => ref.name === 'aws-node')
  return agents.flatMap(({ pods }) => findSilent(incident, pods, IPAMD))
}

/** Nodes on which pods of kube-proxy run and do not listen. */
export function silentProxies(incident: Incident, pods: readonly Pod[]): readonly SilentDaemon[] {
  return findSilent(incident, pods, KUBE_PROXY)
}

/** Nodes whose agent answers, where no other plugin has one: it may have addresses or not, and it is not down. */
export function answeringAgents(incident: Incident): ReadonlySet<string> {
  if (networkAgents(incident).some(({ ref }) => ref.name !== 'aws-node')) return new Set()
  return new Set(portsOf(incident, IPAMD).flatMap(({ node, listens }) => (listens ? [node] : [])))
}

/**
 * Nodes on which a pod of one DaemonSet has run for a while and nobody listens, sample after sample, where it listens on all its ports on another
 * node that was asked: ports can be turned off or moved, and then no node has them.
 */
function findSilent(incident: Incident, pods: readonly Pod[], daemon: Ports): readonly SilentDaemon[] {
  const byNode = new Map(pods.map((pod) => [pod.node, pod]))
  const asked = Map.groupBy(portsOf(incident, daemon), ({ node }) => node)
  const own = [...asked].filter(([node]) => byNode.has(node))
  if (!own.some(([, ports]) => answers(ports, daemon, true))) return []
  return own.flatMap(([node, ports]) => {
    const { created = incident.now } = byNode.get(node) ?? {}
    const isSilent = answers(ports, daemon, false) && incident.now - created > STARTING_MS
    return isSilent ? ports.slice(0, 1).map(({ citation }) => ({ node, citation })) : []
  })
}

function portsOf({ nodePorts }: Incident, daemon: Ports): readonly NodePort[] {
  return nodePorts.filter(({ collector, port }) => collector === daemon.collector && daemon.ports.includes(port))
}

function answers(asked: readonly NodePort[], { ports }: Ports, listens: boolean): boolean {
  return ports.every((port) => asked.some((one) => one.port === port && one.listens === listens))
}
