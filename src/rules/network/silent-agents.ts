import type { Citation } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { NodePort } from '../../incident/node-ports.ts'
import { networkAgents } from './agents.ts'

/** An agent of the Amazon VPC CNI that listens on none of its ports, while others do. */
export interface SilentAgent {
  readonly node: string
  readonly citation: Citation
}

/** ipamd opens both once it is ready for the plugin, just before the port of the plugin itself (aws/amazon-vpc-cni-k8s v1.23, cmd/aws-k8s-agent/main.go). */
const PORTS: readonly number[] = [61678, 61679]

/** It looks for the API server and EC2 for as long as this before it listens (k8sapi.CheckAPIServerConnectivity, judgement for the rest). */
const STARTING_MS = 3 * 60_000

/**
 * Nodes on which a pod of aws-node has run for a while and nobody listens, sample after sample, where it listens on other nodes that were asked:
 * both ports can be turned off (DISABLE_METRICS, DISABLE_INTROSPECTION), and then no node has them.
 */
export function silentAgents(incident: Incident): readonly SilentAgent[] {
  const asked = Map.groupBy(ownPorts(incident), ({ node }) => node)
  const heard = [...asked.values()].filter((ports) => PORTS.every((port) => listensOn(ports, port) === true))
  if (heard.length === 0) return []
  return [...asked].flatMap(([node, ports]) => {
    const isSilent = PORTS.every((port) => listensOn(ports, port) === false)
    const [first] = ports
    return isSilent && first && hasOldAgent(incident, node) ? [{ node, citation: first.citation }] : []
  })
}

/** Nodes whose agent answers, where no other plugin has one: it may have addresses or not, and it is not down. */
export function answeringAgents(incident: Incident): ReadonlySet<string> {
  if (networkAgents(incident).some(({ ref }) => ref.name !== 'aws-node')) return new Set()
  return new Set(ownPorts(incident).flatMap(({ node, listens }) => (listens ? [node] : [])))
}

function ownPorts({ nodePorts }: Incident): readonly NodePort[] {
  return nodePorts.filter(({ collector, port }) => collector === 'cni' && PORTS.includes(port))
}

function listensOn(ports: readonly NodePort[], port: number): boolean | undefined {
  return ports.find((one) => one.port === port)?.listens
}

function hasOldAgent(incident: Incident, node: string): boolean {
  return networkAgents(incident)
    .filter(({ ref }) => ref.name === 'aws-node')
    .flatMap(({ pods }) => pods)
    .some((pod) => pod.node === node && incident.now - (pod.created ?? incident.now) > STARTING_MS)
}
