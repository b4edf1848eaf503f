import { atLeastOne } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { isFailing, type Pod } from '../../incident/pod.ts'
import { uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { count, earliest, tellNames } from '../../incident/telling.ts'
import { isPreparing } from '../../incident/waiting.ts'
import { isCurrent } from '../recency.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** An autoscaler that takes nodes away, and with them more pods of a workload than it can spare. */
export const caAggressiveScaleDown: Rule<'ca-aggressive-scale-down'> = {
  id: 'ca-aggressive-scale-down',
  title: 'An autoscaler took nodes away that were needed',
  domain: 'autoscaling',
  seeds: ['KIA 7.2.2B'],
  needs: ['events', 'pods'],
  helps: ['poddisruptionbudgets.policy', 'nodeclaims.karpenter.sh'],
  explains: ['unscheduled', 'not-ready', 'no-endpoints', 'evicted', 'slow'],
  explain: {
    mechanism:
      'The cluster autoscaler or Karpenter removes nodes that are little used, drifted or expired. Without a disruption budget it may take half of a workload at once, and what it moves starts cold, or finds no room.',
    proof: [
      'Events ScaleDown, ScaleDownEmpty or DisruptionTerminating minutes before pods of the nodes are missing or pending.',
    ],
    lookAlikes: [
      'spot-interruption, instance-retirement-or-hardware: the cloud took the machine.',
      'node-notready-kubelet-silent: the node failed.',
    ],
    mitigate: [
      { says: 'Pause it.', command: 'kubectl annotate node {node} karpenter.sh/do-not-disrupt=true', changes: true },
    ],
    fix: ['Give every workload a disruption budget, and the autoscaler a budget per hour and a window.'],
    links: ['https://karpenter.sh/docs/concepts/disruption/'],
  },
  *evaluate(incident) {
    const said = incident
      .said('ca-scale-down', 'ca-scale-down-signalled', 'karpenter-disruption-terminating', 'karpenter-disrupting')
      .filter((one) => isCurrent(incident, one))
    if (said.length > 0) yield judge(incident, said)
  },
}

/** A pod that was made since and has not started yet; one that crashes was not hurt by being moved. */
function isMoving(pod: Pod, since: number): boolean {
  const hasCrashed = pod.containers.some(
    ({ restarts, state }) => restarts > 0 || (state.kind === 'waiting' && !isPreparing(state.reason)),
  )
  return isFailing(pod) && !hasCrashed && (pod.created ?? 0) >= since
}

function judge(incident: Incident, said: readonly Said[]): Finding | ReturnType<typeof reject> {
  const from = earliest(said.map(({ first }) => first))
  const nodes = [...new Set(said.map(({ about }) => about.name))].sort()
  const first = said[0] as Said
  const hit = incident.workloads.filter(
    ({ desired, pods }) =>
      desired !== undefined &&
      desired > 0 &&
      pods.filter((pod) => isMoving(pod, from ?? incident.now)).length * 2 >= desired,
  )
  if (hit.length === 0) return reject(first.about, 'It took nodes away, and no workload lacks half of its pods since.')
  return {
    kind: 'cause',
    subject: first.about,
    strength: 'weak',
    from,
    says: `An autoscaler took away ${count(nodes.length, 'node')} (${tellNames(nodes)}), and ${tellNames(hit.map(({ ref }) => ref.name))} ${hit.length === 1 ? 'lacks' : 'lack'} half of ${hit.length === 1 ? 'its' : 'their'} pods since.`,
    cites: atLeastOne(said.slice(0, 4).map(({ citation }) => citation)),
    affects: uniqueRefs(hit.flatMap(({ ref, pods }) => [ref, ...pods.filter(isFailing).map((pod) => pod.ref)])),
  }
}
