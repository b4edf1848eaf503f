import type { Incident } from '../incident.ts'
import { listAt, numberAt, textAt } from '../kubernetes.ts'
import type { Node } from '../node.ts'
import { onceFor } from '../once-for.ts'
import { isAlive, type Pod } from '../pod.ts'
import type { Ref } from '../reference.ts'
import { addressesOf, type Service } from '../service.ts'

/** Who has which address in a cluster. */
export interface ClusterAddresses {
  /** The pod that has it for itself; undefined where several have it, as those that use their node's have. */
  podAt(address: string): Pod | undefined
  /** The pod or the node. */
  ownerOf(address: string): Ref | undefined
  /** The Service that listens there: at an address of its own, at one of a load balancer, or at a port of every node. */
  serviceAt(protocol: string, address: string, port: number | undefined): Service | undefined
}

/** Finds the addresses of pods, nodes and Services. */
export const clusterAddresses = onceFor(indexAddresses)

function indexAddresses({ pods, nodes, services }: Incident): ClusterAddresses {
  const nodeAt = new Map(nodes.flatMap((node) => addressesOfNode(node).map((address) => [address, node.ref] as const)))
  const living = Map.groupBy(
    pods.filter((pod) => pod.ip !== '' && isAlive(pod) && !nodeAt.has(pod.ip)),
    ({ ip }) => ip,
  )
  const serviceAt = indexServices(services, [...nodeAt.keys()])
  const podAt = (address: string): Pod | undefined => {
    const [pod, other] = living.get(address) ?? []
    return other ? undefined : pod
  }
  return {
    podAt,
    ownerOf: (address) => nodeAt.get(address) ?? podAt(address)?.ref,
    serviceAt: (protocol, address, port) => serviceAt.get(`${protocol} ${address} ${port}`),
  }
}

function addressesOfNode({ json }: Node): readonly string[] {
  return listAt(json, 'status', 'addresses').flatMap((one) =>
    textAt(one, 'type').endsWith('IP') ? textAt(one, 'address') : [],
  )
}

function indexServices(services: readonly Service[], nodes: readonly string[]): ReadonlyMap<string, Service> {
  const index = new Map<string, Service>()
  for (const service of services) {
    const own = [...addressesOf(service), ...outerAddresses(service)]
    for (const port of listAt(service.object.json, 'spec', 'ports')) {
      const protocol = (textAt(port, 'protocol') || 'TCP').toLowerCase()
      for (const address of own) index.set(`${protocol} ${address} ${numberAt(port, 'port')}`, service)
      const onNodes = numberAt(port, 'nodePort')
      for (const address of onNodes === undefined ? [] : nodes) index.set(`${protocol} ${address} ${onNodes}`, service)
    }
  }
  return index
}

/** Addresses outside of the cluster that nodes answer for as well (core/v1, ServiceSpec.externalIPs, LoadBalancerIngress). */
function outerAddresses({ object }: Service): readonly string[] {
  const balancers = listAt(object.json, 'status', 'loadBalancer', 'ingress').map((one) => textAt(one, 'ip'))
  const external = listAt(object.json, 'spec', 'externalIPs').filter((one) => typeof one === 'string')
  return [...balancers, ...external].filter((one) => one !== '')
}
