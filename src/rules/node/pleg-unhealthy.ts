import { atLeastOne } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { countOrNo } from '../../incident/telling.ts'
import { findingOf, groupByNode, isOngoing, type NodeGroup, sufferersOfGroup } from '../group-by-node.ts'
import { groupNotBefore } from '../not-before.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { sufferersOn } from '../suffering.ts'
import { slowRelist } from './counted.ts'

/** A kubelet that cannot list its containers in time. */
export const plegUnhealthy: Rule<'pleg-unhealthy'> = {
  id: 'pleg-unhealthy',
  title: 'PLEG is not healthy: the kubelet cannot list its containers in time',
  domain: 'node',
  needs: ['nodes'],
  helps: ['events', 'kubelet-metrics', 'node-logs'],
  explains: ['node-unhealthy', 'not-ready', 'not-starting', 'stuck-terminating', 'evicted', 'no-endpoints'],
  explain: {
    mechanism:
      'The kubelet asks the runtime for the state of all containers every second. When it gets no whole answer for three minutes it reports the node as not ready. The runtime hangs, or disk or processor are so busy that it is slow; with very many containers or exec probes this comes sooner.',
    proof: [
      'Condition Ready=False: `PLEG is not healthy: pleg was last seen active …`.',
      'kubelet_pleg_relist_duration_seconds: ten seconds or more on average (kubernetes-mixin, KubeletPlegDurationHigh).',
    ],
    lookAlikes: [
      'node-notready-kubelet-silent: Ready=Unknown: the kubelet says nothing.',
      'container-runtime-down: the runtime does not answer at all.',
    ],
    mitigate: [
      {
        says: 'Keep new pods away; keep the journal and the goroutines of containerd.',
        command: 'kubectl cordon {node}',
        changes: true,
      },
      { says: 'Restart containerd on the node, or replace it.', changes: true },
    ],
    fix: ['Faster root volumes, fewer pods a node, fewer exec probes, a newer runtime.'],
    links: ['https://kubernetes.io/docs/reference/node/node-status/'],
  },
  *evaluate(incident) {
    const groups = groupByNode(incident, 'pleg-unhealthy')
    for (const group of groups) yield judge(incident, group)
    const told = new Set(groups.map(({ ref }) => ref.name))
    for (const { node } of incident.counters.nodes) if (!told.has(node)) yield* findSlow(incident, node)
  },
}

function judge(incident: Incident, group: NodeGroup): Finding | Rejection {
  const { ref, node, said } = group
  const sufferers = sufferersOfGroup(incident, group)
  if (node?.ready && sufferers.length === 0 && !isOngoing(incident, group))
    return reject(ref, 'Its PLEG was unhealthy within the hour and is well again.')
  const counted = slowRelist(incident, ref.name)
  return findingOf(incident, group, sufferers, {
    notBefore: groupNotBefore(incident, group),
    kind: 'cause',
    strength: said.some(({ source }) => source === 'condition') ? 'proof' : 'strong',
    says: `Node ${ref.name}: ${said[0]?.words}; ${counted ? `${counted.says}; ` : ''}${countOrNo(sufferers.length, 'pod')} on it suffer.`,
    beside: counted?.cites,
  })
}

/** Before the kubelet calls itself unhealthy, after three minutes without a relist, its relists are slow. */
function* findSlow(incident: Incident, node: string): Generator<Finding> {
  const counted = slowRelist(incident, node)
  if (!counted) return
  const sick = sufferersOn(incident, node)
  yield {
    kind: sick.length > 0 ? 'cause' : 'risk',
    subject: { kind: 'Node', name: node },
    strength: 'weak',
    from: undefined,
    says: `Node ${node}: ${counted.says}; ${countOrNo(sick.length, 'pod')} on it suffer.`,
    cites: atLeastOne(counted.cites),
    affects: sick.map(({ ref }) => ref),
  }
}
