import { atLeastOne, cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { RECENT } from '../../incident/lately.ts'
import { workloadOfPod } from '../../incident/lost-pod.ts'
import { isFailing, type Pod } from '../../incident/pod.ts'
import { describeRef, keyOf, type Ref } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'

/** The scheduler removed pods to make room for a more important one. */
export const preemptedByHigherPriority: Rule<'preempted-by-higher-priority'> = {
  id: 'preempted-by-higher-priority',
  title: 'Pods were removed for one of a higher priority',
  domain: 'scheduling',
  needs: ['pods'],
  helps: ['events', 'priorityclasses.scheduling.k8s.io'],
  explains: ['evicted', 'unscheduled', 'not-ready', 'no-endpoints', 'rollout-stalled', 'job-failing'],
  explain: {
    mechanism:
      'When a pod fits nowhere, the scheduler looks for pods of a lower priority whose removal makes room, and deletes them. Whoever has no PriorityClass has priority 0 and loses against everybody who has one; their replacements wait until there is room again.',
    proof: [
      'An event `Preempted by pod … on node …` about the victim, or its condition DisruptionTarget with reason PreemptionByScheduler.',
      'The one that took the place has a higher `spec.priority`.',
    ],
    lookAlikes: [
      'node-memory-pressure-eviction: reason Evicted, by the kubelet.',
      'node-notready-kubelet-silent: removed by a NoExecute taint.',
    ],
    mitigate: [
      { says: 'Scale down whoever took the room, or add nodes.', changes: true },
      { says: 'See the priorities.', command: 'kubectl get priorityclasses', changes: false },
    ],
    fix: ['Give every tier a PriorityClass of its own, set no globalDefault, and keep room for what must not wait.'],
    links: ['https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/'],
  },
  *evaluate(incident) {
    const said = incident.said('preempted-by-higher-priority').filter(({ about }) => about.kind === 'Pod')
    const groups = Map.groupBy(said, ({ about }) => keyOf(workloadOfPod(incident, about)))
    for (const [, group] of groups) yield judge(incident, group)
  },
}

function judge(incident: Incident, said: readonly Said[]): Finding | Rejection {
  const workload = workloadOfPod(incident, (said[0] as Said).about)
  const recent = said.filter(({ last }) => last === undefined || incident.now - last < RECENT)
  const suffering = (incident.workloadOf(workload)?.pods ?? []).filter(isFailing)
  if (recent.length === 0) return reject(workload, 'Its pods were preempted more than an hour ago.')
  if (suffering.length === 0 && !isShort(incident, workload))
    return reject(workload, 'Pods of it were preempted, and others run in their place now.')
  return describe(incident, workload, recent, suffering)
}

function isShort(incident: Incident, workload: Ref): boolean {
  const { desired, readyReplicas } = incident.workloadOf(workload) ?? {}
  return desired !== undefined && (readyReplicas ?? 0) < desired
}

function describe(incident: Incident, workload: Ref, said: readonly Said[], pods: readonly Pod[]): Finding {
  const victims = new Set(said.map(({ about }) => about.name)).size
  const winner = said.map((one) => findWinner(incident, one)).find((pod) => pod !== undefined)
  const by = winner
    ? ` for ${describeRef(winner.workload)}, of priority ${winner.priority}${winner.priorityClass === '' ? '' : ` (${winner.priorityClass})`}`
    : ' for pods of a higher priority'
  return {
    kind: 'cause',
    subject: workload,
    strength: 'proof',
    from: said[0]?.first,
    says: `${victims} pod${victims === 1 ? '' : 's'} of ${workload.name} ${victims === 1 ? 'was' : 'were'} removed${by}.`,
    cites: atLeastOne([
      ...said.slice(0, 3).map(({ citation }) => citation),
      ...(winner ? [cite(winner, ['spec', 'priority'])] : []),
    ]),
    affects: [...said.map(({ about: { container: _, ...ref } }) => ref), ...pods.map(({ ref }) => ref)],
  }
}

/** The pod that took the place: old schedulers name it, newer ones give its uid. */
function findWinner({ pods }: Incident, { values }: Said): Pod | undefined {
  const { pod } = values
  return pod === undefined
    ? undefined
    : pods.find(({ uid, ref }) => uid === pod || `${ref.namespace}/${ref.name}` === pod)
}
