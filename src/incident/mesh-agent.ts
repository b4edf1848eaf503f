import { type Crash, crashesOf } from './crash.ts'
import type { Incident } from './incident.ts'
import { isFailing, type Pod } from './pod.ts'
import { keyOf } from './reference.ts'

/** The DaemonSet of Istio that leads the traffic of the pods of a node to their proxies, where no init container does (istio.io, `istio-cni-node`). */
const AGENT = /^istio-cni/

/** The pod of that agent that is not well on the node of a pod whose init container says that its traffic is not led to its proxy. */
export function sickMeshAgentOf(incident: Incident, { pod, container }: Crash): Pod | undefined {
  const isSaid = incident
    .saidAbout(pod.ref)
    .some(({ id, about }) => id === 'mesh-redirection-missing' && about.container === container.name)
  return isSaid ? incident.podsOn(pod.node).find((one) => isAgent(one) && isFailing(one)) : undefined
}

/** The pods on the nodes of agents that wait for them. */
export function podsThatAwait(incident: Incident, agents: readonly Pod[]): readonly Pod[] {
  const sick = new Set(agents.filter(isAgent).map(({ ref }) => keyOf(ref)))
  if (sick.size === 0) return []
  return incident.pods.filter((pod) =>
    crashesOf(incident, pod).some((crash) => sick.has(keyOf(sickMeshAgentOf(incident, crash)?.ref ?? pod.ref))),
  )
}

function isAgent({ workload }: Pod): boolean {
  return workload.kind === 'DaemonSet' && AGENT.test(workload.name)
}
