import type { BundleReader } from '../bundle/reader.ts'
import { type Cni, readCni } from './cni/cni.ts'
import { type Connections, readConnections } from './connections/connections.ts'
import { type Counters, readCounters } from './counters/counters.ts'
import { createIdentify } from './counters/identify.ts'
import { type Kernel, readKernel } from './kernel/kernel.ts'
import { type KubeProxies, readKubeProxies } from './kube-proxy/kube-proxy.ts'
import { type NameServers, readNameServers } from './name-servers/name-servers.ts'
import { type NodePort, readNodePorts } from './node-ports.ts'
import type { Pod } from './pod.ts'

/** What was read on nodes and of what listens there: numbers, as rates where two samples allow them. Who was not asked is in none. */
export interface Measured {
  /** What kubelets count, of those nodes that were asked. */
  readonly counters: Counters
  /** The connections that kernels keep in mind, of those nodes that were asked. */
  readonly connections: Connections
  /** What kernels and drivers count of the network, of those nodes that were asked. */
  readonly kernel: Kernel
  /** What the daemons of the Amazon VPC CNI hold and count, of those nodes that were asked. */
  readonly cni: Cni
  /** What kube-proxy says of itself, of those nodes that were asked. */
  readonly kubeProxies: KubeProxies
  /** What name servers count, of those that were asked. */
  readonly nameServers: NameServers
  /** Who listens on ports of nodes, of those that were asked. */
  readonly nodePorts: readonly NodePort[]
}

/** Reads all of it, one kind after the other: each is some megabytes of a node. */
export async function readMeasured(bundle: BundleReader, pods: readonly Pod[]): Promise<Measured> {
  return {
    counters: await readCounters(bundle, createIdentify(pods)),
    connections: await readConnections(bundle),
    kernel: await readKernel(bundle),
    cni: await readCni(bundle),
    kubeProxies: await readKubeProxies(bundle),
    nameServers: await readNameServers(bundle),
    nodePorts: readNodePorts(bundle),
  }
}
