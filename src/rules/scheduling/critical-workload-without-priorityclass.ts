import { cite } from '../../incident/citation.ts'
import { freeOf, requestsOf, roomOn } from '../../incident/fit.ts'
import type { Incident } from '../../incident/incident.ts'
import { textAt } from '../../incident/kubernetes.ts'
import { listPending, nodesKeptBy, type Pending, type PendingGroup } from '../../incident/pending.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf } from '../../incident/reference.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { countOf, findPending } from './pending-finding.ts'

/** A pod waits although pods of the same priority have the room: nobody said that it matters more. */
export const criticalWorkloadWithoutPriorityclass: Rule<'critical-workload-without-priorityclass'> = {
  id: 'critical-workload-without-priorityclass',
  title: 'A pod cannot take the room of others because all have the same priority',
  domain: 'scheduling',
  seeds: ['HN 4'],
  needs: ['pods', 'nodes'],
  helps: ['events', 'priorityclasses.scheduling.k8s.io'],
  explains: ['unscheduled', 'no-endpoints', 'rollout-stalled'],
  explain: {
    mechanism:
      'Without a PriorityClass every pod has priority 0. A core service that lost its pods then waits behind whatever happens to run: the scheduler may only remove pods of a lower priority, and finds none. The same number ranks pods when a kubelet evicts.',
    proof: [
      'The pod is Pending with `No preemption victims found for incoming pod`, and priority 0.',
      'Pods of other workloads with the same priority run on these nodes, and the requests of some would make room.',
    ],
    lookAlikes: [
      'untolerated-taint, affinity-or-selector-mismatch: `Preemption is not helpful for scheduling` on every node.',
      'insufficient-cpu-memory: what took the room is the cause; this only makes it worse.',
    ],
    mitigate: [
      {
        says: 'Free room: scale down something that may wait.',
        command: 'kubectl scale deployment/UNIMPORTANT -n {namespace} --replicas=0',
        changes: true,
      },
    ],
    fix: [
      'Define PriorityClasses for the tiers of the business and set priorityClassName on the core services; add PodDisruptionBudgets.',
    ],
    links: ['https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/'],
  },
  *evaluate(incident) {
    for (const group of listPending(incident)) {
      const pending = group.pods.find(({ said }) => (said?.preemption?.noVictims ?? 0) > 0)
      if (pending) yield judge(incident, group, pending)
    }
  },
}

function judge(incident: Incident, group: PendingGroup, pending: Pending): Finding | Rejection {
  const { pod, said } = pending
  if (said?.preemption?.helpful === false)
    return reject(group.workload, 'Preemption would not help on any node: not room keeps it off.')
  if (textAt(pod.json, 'spec', 'preemptionPolicy') === 'Never')
    return reject(group.workload, 'Its PriorityClass says preemptionPolicy Never.')
  if (pod.priorityClass !== '' || pod.priority > 0)
    return reject(group.workload, `It has a priority (${pod.priority}); those that run have no lower one.`)
  const others = equalsThatWouldDo(incident, pending)
  if (others.length === 0)
    return reject(group.workload, 'No other workload of the same priority has the room that it needs.')
  return describe(group, pending, others)
}

/** Running pods of other workloads with the same priority, on nodes where they have the room that is missing. */
function equalsThatWouldDo(incident: Incident, pending: Pending): readonly Pod[] {
  const asked = Object.entries(requestsOf(incident, pending.pod))
  return nodesKeptBy(incident, pending, 'insufficient', 'too-many-pods').flatMap(({ node }) => {
    const others = incident.podsOn(node.ref.name).filter((pod) => isEqual(pod, pending.pod))
    const room = roomOn(incident, node)
    const isEnough = asked.every(([resource, amount]) => {
      const held = others.reduce((sum, pod) => sum + (requestsOf(incident, pod)[resource] ?? 0), 0)
      return freeOf(room, resource) + held >= amount
    })
    return isEnough ? others : []
  })
}

function isEqual(pod: Pod, waiting: Pod): boolean {
  if (pod.phase !== 'Running' || pod.ownerRef?.kind === 'DaemonSet') return false
  return pod.priority === waiting.priority && keyOf(pod.workload) !== keyOf(waiting.workload)
}

function describe(group: PendingGroup, pending: Pending, others: readonly Pod[]): Finding {
  const names = [...new Set(others.map(({ workload }) => workload.name))].sort()
  return findPending(group, pending, {
    kind: 'amplifier',
    strength: 'strong',
    says: `${countOf(group)} ${group.pods.length === 1 ? 'has' : 'have'} priority 0 like ${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}, whose requests would make room: nobody may be removed for it.`,
    cites: [cite(pending.pod, ['spec', 'priority'])],
  })
}
