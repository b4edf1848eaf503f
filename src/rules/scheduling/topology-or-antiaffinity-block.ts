import { type Citation, cite } from '../../incident/citation.ts'
import { matchesNode, untoleratedTaints } from '../../incident/fit.ts'
import type { Incident } from '../../incident/incident.ts'
import { listAt, textAt } from '../../incident/kubernetes.ts'
import {
  countNodes,
  isControlPlane,
  listPending,
  nodesKeptBy,
  type Pending,
  type PendingGroup,
  reasonsOf,
} from '../../incident/pending.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { countOf, findPending, nodes, pendingFor, promisesOfNodes } from './pending-finding.ts'

/** Where other pods are, or are not, forbids every node with room. */
export const topologyOrAntiaffinityBlock: Rule<'topology-or-antiaffinity-block'> = {
  id: 'topology-or-antiaffinity-block',
  title: 'Spread constraints or pod affinity leave no node',
  domain: 'scheduling',
  seeds: ['KIA 1.4'],
  needs: ['pods'],
  helps: ['nodes', 'events'],
  explains: ['unscheduled', 'rollout-stalled', 'no-endpoints', 'job-failing'],
  explain: {
    mechanism:
      'Required anti-affinity allows one pod in each host or zone, a spread constraint with DoNotSchedule no more than maxSkew between them. With more replicas than such places, or with a place lost, the rest stays Pending although nodes have room. A rolling update needs one place more than there are replicas.',
    proof: [
      'PodScheduled is False and counts `didn’t match pod topology spread constraints`, `didn’t match pod anti-affinity rules`, `didn’t satisfy existing pods anti-affinity rules` or `didn’t match pod affinity rules`.',
      'Replicas and surge are more than the hosts or zones that the constraint counts.',
    ],
    lookAlikes: [
      'insufficient-cpu-memory: most nodes are counted for room, not for the spread.',
      'untolerated-taint: a cordoned or tainted node would be the missing place.',
    ],
    mitigate: [
      {
        says: 'Make the constraint a preference until the place is back: whenUnsatisfiable: ScheduleAnyway, or preferred anti-affinity.',
        command: 'kubectl edit deployment/{name} -n {namespace}',
        changes: true,
      },
    ],
    fix: [
      'Keep fewer replicas than places, roll out with maxSurge 0 and maxUnavailable 1, or prefer instead of require.',
    ],
    links: [
      'https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/',
      'https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/',
    ],
  },
  *evaluate(incident) {
    for (const group of listPending(incident)) {
      const pending = pendingFor(group, 'topology-spread', 'pod-anti-affinity', 'pod-affinity')
      if (pending) yield judge(incident, group, pending)
    }
  },
}

const KINDS = ['topology-spread', 'pod-anti-affinity', 'pod-affinity'] as const

function judge(incident: Incident, group: PendingGroup, pending: Pending): Finding | Rejection {
  const mine = countNodes(reasonsOf(pending, ...KINDS))
  const full = countNodes(reasonsOf(pending, 'insufficient', 'too-many-pods'))
  if (full > mine)
    return reject(group.workload, `${nodes(full)} lack room and only ${mine} are forbidden by where other pods are.`)
  return describe(incident, group, pending, full > 0)
}

function describe(incident: Incident, group: PendingGroup, pending: Pending, isMixed: boolean): Finding {
  const reasons = reasonsOf(pending, ...KINDS)
  const words = reasons.map(({ count, words: said }) => `${count} ${said}`).join(', ')
  const lost = nodesKeptBy(incident, pending, 'taint', 'cordoned').filter((fit) => !isControlPlane(fit))
  const rules = rulesOf(pending)
  return findPending(group, pending, {
    kind: lost.length > 0 ? 'mechanism' : 'cause',
    strength: isMixed ? 'strong' : 'proof',
    says: `${countOf(group)} may not stand where others do: ${words}${describePlaces(incident, pending, rules)}${lost.length > 0 ? `; ${lost[0]?.node.ref.name} would be a place and ${lost[0]?.misfits[0]?.says}` : ''}.`,
    cites: rules.slice(0, 2).map(({ path }): Citation => cite(pending.pod, path)),
    against: promisesOfNodes(incident, group),
  })
}

/** A rule of the pod about its neighbours. */
interface NeighbourRule {
  readonly topologyKey: string
  readonly path: readonly (string | number)[]
}

function rulesOf({ pod }: Pending): readonly NeighbourRule[] {
  const spread = listAt(pod.json, 'spec', 'topologySpreadConstraints').flatMap((one, index) =>
    textAt(one, 'whenUnsatisfiable') === 'ScheduleAnyway'
      ? []
      : [ruleAt(one, ['spec', 'topologySpreadConstraints', index])],
  )
  const apart = ['podAntiAffinity', 'podAffinity'].flatMap((kind) => {
    const root = ['spec', 'affinity', kind, 'requiredDuringSchedulingIgnoredDuringExecution']
    return listAt(pod.json, ...root).map((one, index) => ruleAt(one, [...root, index]))
  })
  return [...spread, ...apart]
}

function ruleAt(rule: unknown, path: NeighbourRule['path']): NeighbourRule {
  return { topologyKey: textAt(rule, 'topologyKey'), path: [...path, 'topologyKey'] }
}

/** How many places there are for how many replicas. */
function describePlaces(incident: Incident, { pod }: Pending, [rule]: readonly NeighbourRule[]): string {
  if (!rule || rule.topologyKey === '' || !incident.coverage.isComplete('nodes')) return ''
  const usable = incident.nodes.filter(
    (node) => node.ready && !node.unschedulable && matchesNode(pod, node) && untoleratedTaints(pod, node).length === 0,
  )
  const places = new Set(usable.map(({ labels }) => labels[rule.topologyKey]).filter((value) => value !== undefined))
  const desired = incident.workloadOf(pod.workload)?.desired
  return ` (${places.size} different ${rule.topologyKey} for ${desired === undefined ? 'the' : desired} replicas)`
}
