import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import type { Workload } from '../../incident/workload.ts'
import { isStuck } from './network-sufferers.ts'

/** DaemonSets of network plugins: the agent without which no new pod of a node gets a network. */
const AGENTS =
  /^(?:aws-node|calico-node|canal|cilium|cilium-agent|anetd|kube-flannel(?:-ds.*)?|weave-net|kindnet|antrea-agent|kube-router|azure-cni.*|azure-cns|ovnkube-node.*|kube-ovn-cni|rke2-canal|rke2-cilium|rke2-calico.*|sdn)$/

/** The agent of the cluster's network plugin, if it runs as a DaemonSet under a name that is known. */
export function networkAgents({ workloads }: Incident): readonly Workload[] {
  return workloads.filter(({ ref }) => ref.kind === 'DaemonSet' && AGENTS.test(ref.name))
}

/** Pods of the agent that do not work, on these nodes or everywhere. */
export function sickAgents(incident: Incident, nodes?: ReadonlySet<string>): readonly Pod[] {
  return networkAgents(incident)
    .flatMap(({ pods }) => pods)
    .filter((pod) => isStuck(incident, pod) && (nodes === undefined || nodes.has(pod.node)))
}
