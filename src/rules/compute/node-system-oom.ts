import { cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { uniqueRefs } from '../../incident/reference.ts'
import { countOrNo, earliest, latest } from '../../incident/telling.ts'
import { findingOf, groupByNode, isOngoing, type NodeGroup, sufferersOfGroup } from '../group-by-node.ts'
import { clockTime, lastOf } from '../recency.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { timesOf } from '../times-of.ts'
import { type Ended, endsOf, memoryLimitOf } from './ended.ts'

/** A node that ran out of memory as a whole, so that the kernel chose a victim anywhere on it. */
export const nodeSystemOom: Rule<'node-system-oom'> = {
  id: 'node-system-oom',
  title: 'A node runs out of memory and the kernel kills processes on it',
  domain: 'compute',
  needs: ['pods'],
  helps: ['events', 'kernel-log', 'kubelet-stats', 'nodes.metrics.k8s.io'],
  explains: ['crashing', 'not-ready', 'node-unhealthy', 'no-endpoints', 'evicted', 'errors'],
  explain: {
    mechanism:
      'What runs on the node needs more memory than it has, faster than the kubelet can evict. The kernel kills a process by its score: pods without requests first, and now and then the kubelet, the runtime or a daemon, upon which the node goes silent.',
    proof: [
      'Event SystemOOM on the node: `System OOM encountered, victim process: …`; the kubelet reports only kills outside of the cgroup of a container.',
      'The kernel log says `Out of memory: Killed process`, without `Memory cgroup`.',
      'Containers without a memory limit that end with OOMKilled.',
    ],
    lookAlikes: [
      'container-oomkilled: the container had a limit and reached it; its neighbours are well.',
      'node-memory-pressure-eviction: the kubelet was fast enough: pods end as Evicted.',
    ],
    mitigate: [
      { says: 'Keep new pods away from the node.', command: 'kubectl cordon {node}', changes: true },
      {
        says: 'Find who uses most, and move it.',
        command: 'kubectl get pods -A --field-selector spec.nodeName={node} -o wide',
        changes: false,
      },
    ],
    fix: [
      'Give every container a memory request, and limits to those that may grow.',
      'Reserve memory for the system: kube-reserved, system-reserved, and an eviction threshold that leaves time.',
    ],
    links: [
      'https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#node-out-of-memory-behavior',
    ],
  },
  *evaluate(incident) {
    const told = groupByNode(incident, 'system-oom', 'kernel-oom-kill')
    for (const group of told) {
      const sufferers = sufferersOfGroup(incident, group)
      if (sufferers.length === 0 && group.node?.ready && !isOngoing(incident, group))
        yield reject(
          group.ref,
          `It ran out of memory once, at ${clockTime(latest(group.said.map((one) => lastOf(incident, one))))}, and is well since.`,
        )
      else yield describe(incident, group)
    }
    yield* findUntold(incident, new Set(told.map(({ ref }) => ref.name)))
  },
}

function describe(incident: Incident, group: NodeGroup): Finding {
  const { ref, said } = group
  const sufferers = sufferersOfGroup(incident, group)
  const victims = [...new Set(said.map(({ values }) => values.process).filter((one) => one !== undefined))]
  const times = timesOf(said)
  return findingOf(incident, group, sufferers, {
    // Who is not well on it was so before: a node that kills and goes on explains none of that.
    kind: sufferers.length === 0 && group.node?.ready ? 'risk' : 'cause',
    strength: 'proof',
    says: `Node ${ref.name} ran out of memory ${countOrNo(times, 'time')}, last at ${clockTime(latest(said.map((one) => lastOf(incident, one))))}, and the kernel killed ${victims.slice(0, 5).join(', ') || 'processes'}; ${countOrNo(sufferers.length, 'pod')} on it ${sufferers.length === 1 ? 'suffers' : 'suffer'}.`,
  })
}

/** Without a word of the node: containers that no limit could have killed. */
function* findUntold(incident: Incident, told: ReadonlySet<string>): Generator<Finding> {
  const kills = [...endsOf(incident)].filter(
    ({ end, pod, container }) =>
      end.reason === 'OOMKilled' &&
      memoryLimitOf(pod, container) === undefined &&
      pod.node !== '' &&
      !told.has(pod.node),
  )
  for (const [name, members] of [...Map.groupBy(kills, ({ pod }) => pod.node)].sort(([a], [b]) => (a < b ? -1 : 1)))
    yield describeUntold(name, members as [Ended, ...Ended[]])
}

function describeUntold(name: string, kills: readonly [Ended, ...Ended[]]): Finding {
  const names = [...new Set(kills.map(({ pod, container }) => `${pod.ref.name}/${container.name}`))]
  const [{ pod, path }] = kills
  return {
    kind: 'cause',
    subject: { kind: 'Node', name },
    strength: 'strong',
    from: earliest(kills.map(({ end }) => end.finished)),
    says: `On node ${name} containers without a memory limit were OOMKilled (${names.slice(0, 4).join(', ')}): it was the node that was full.`,
    cites: [cite(pod, [...path, 'reason']), ...kills.slice(1, 3).map((one) => cite(one.pod, [...one.path, 'reason']))],
    affects: uniqueRefs(kills.map((one) => one.pod.ref)),
  }
}
