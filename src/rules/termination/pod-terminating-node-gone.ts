import { atLeastOne, cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf, uniqueRefs } from '../../incident/reference.ts'
import { count, earliest, tellNames, tellSpan } from '../../incident/telling.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** Deleted pods on a node that is gone or silent: nobody can say that their containers ended. */
export const podTerminatingNodeGone: Rule<'pod-terminating-node-gone'> = {
  id: 'pod-terminating-node-gone',
  title: 'Deleted pods wait for a node that is gone',
  domain: 'termination',
  needs: ['pods', 'nodes'],
  explains: ['stuck-terminating', 'rollout-stalled', 'no-endpoints', 'not-ready'],
  explain: {
    mechanism:
      'A deleted pod goes when its kubelet has said that the containers ended. The node is gone or silent, so nobody says it. A Deployment has made another pod long ago; a StatefulSet does not, because two pods of one name must never run at once.',
    proof: [
      'metadata.deletionTimestamp is over, and the node that the pod names is not in the cluster, or its Ready condition is Unknown.',
    ],
    lookAlikes: ['pod-finalizer-orphaned, pod-terminating-runtime-stuck: the node is there and Ready.'],
    mitigate: [
      { says: 'Make sure that the machine is off: two writers to one volume destroy it.', changes: false },
      {
        says: 'Then say that it is out of service, so that volumes are detached and pods are removed.',
        command: 'kubectl taint node {node} node.kubernetes.io/out-of-service=nodeshutdown:NoExecute',
        changes: true,
      },
    ],
    fix: ['Let a cloud controller remove Node objects of machines that are gone.'],
    links: ['https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/'],
  },
  *evaluate(incident) {
    const overdue = incident.pods.filter(
      ({ deleted, node }) => node !== '' && deleted !== undefined && incident.now - deleted > PATIENCE,
    )
    for (const [, pods] of Map.groupBy(overdue, ({ workload }) => keyOf(workload))) {
      const lost = pods.filter((pod) => isNodeLost(incident, pod) && !wasCollected(pod))
      const [first] = pods as [Pod, ...Pod[]]
      if (lost.length > 0) yield describe(incident, lost)
      else yield reject(first.workload, whyNot(incident, first))
    }
  },
}

const PATIENCE = 60 * 1000

function isNodeLost(incident: Incident, { node }: Pod): boolean {
  const found = incident.nodeOf(node)
  if (!found) return incident.coverage.isComplete('nodes')
  return found.conditions.some(({ type, status }) => type === 'Ready' && status === 'Unknown')
}

function whyNot(incident: Incident, pod: Pod): string {
  if (wasCollected(pod)) return 'Its pods were given up with their node; a finalizer keeps them.'
  const node = incident.nodeOf(pod.node)
  if (!node) return `The node ${pod.node} of its deleted pods is not in the bundle, and not all nodes are.`
  return `The node ${pod.node} of its deleted pods is there${node.ready ? ' and Ready' : ', and its kubelet answers'}.`
}

/** The garbage collector of pods has ended it for its node: whatever keeps it now is a finalizer. */
function wasCollected({ conditions, finalizers }: Pod): boolean {
  return finalizers.length > 0 && conditions.some(({ reason }) => reason === 'DeletionByPodGC')
}

function describe(incident: Incident, pods: readonly Pod[]): Finding {
  const [first] = pods as [Pod, ...Pod[]]
  const since = earliest(pods.map(({ deleted }) => deleted)) ?? incident.now
  const names = [...new Set(pods.map(({ node }) => node))].sort()
  const isGone = names.every((name) => !incident.nodeOf(name))
  return {
    kind: isGone ? 'cause' : 'mechanism',
    subject: first.workload,
    strength: 'proof',
    from: since,
    says: `${count(pods.length, 'pod')} of ${first.workload.name} should have been gone for ${tellSpan(incident.now - since)}, and ${tellNames(names)} ${isGone ? `${names.length === 1 ? 'is' : 'are'} not in the cluster any more` : 'does not answer'}.`,
    cites: atLeastOne(
      pods
        .slice(0, 3)
        .flatMap((pod) => [cite(pod, ['metadata', 'deletionTimestamp']), cite(pod, ['spec', 'nodeName'])]),
    ),
    affects: uniqueRefs([...pods.map(({ ref }) => ref), ...names.map((name) => ({ kind: 'Node', name }))]),
  }
}
