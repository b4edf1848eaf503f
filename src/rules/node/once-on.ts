import type { Incident } from '../../incident/incident.ts'
import { textAt } from '../../incident/kubernetes.ts'
import type { MessageId } from '../../incident/messages/index.ts'
import { isFailing } from '../../incident/pod.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import type { NodeGroup } from '../group-by-node.ts'
import { isCurrent } from '../recency.ts'
import { sufferersOn } from '../suffering.ts'

/** What runs or ran on a node within the hour and is not well now: pods on it, and workloads that lost pods with it and lack them. */
export function victimsOf(incident: Incident, node: string): readonly Ref[] {
  const lost = incident.events
    .filter(({ host, about }) => host === node && about.kind === 'Pod')
    .map(({ about }) => about)
  const tops = uniqueRefs([...lost, ...incident.podsOn(node).map(({ ref }) => ref)].map((ref) => incident.topOf(ref)))
  return uniqueRefs([
    ...sufferersOn(incident, node).map(({ ref }) => ref),
    ...tops.filter((ref) => lacksPods(incident, ref)),
  ])
}

function lacksPods(incident: Incident, ref: Ref): boolean {
  const workload = incident.workloadOf(ref)
  if (!workload || workload.desired === undefined) return false
  return (workload.readyReplicas ?? 0) < workload.desired && workload.pods.some(isFailing)
}

/** Groups what was said of machines by their nodes: of a NodeClaim, or a Machine, of the node that it became. */
export function groupByMachine(incident: Incident, ...ids: readonly MessageId[]): readonly NodeGroup[] {
  const current = incident.said(...ids).filter((said) => isCurrent(incident, said) && said.source !== 'log')
  const groups = Map.groupBy(current, ({ about }) => keyOf(machineOf(incident, about)))
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, said]) => {
      const ref = machineOf(incident, (said[0] as Said).about)
      return { ref, node: incident.nodeOf(ref.name), said }
    })
}

function machineOf(incident: Incident, about: Ref): Ref {
  const object = incident.find(about.kind, about.namespace, about.name)
  const name = textAt(object?.json, 'status', 'nodeName') || textAt(object?.json, 'status', 'nodeRef', 'name')
  return name === '' ? about : { kind: 'Node', name }
}
