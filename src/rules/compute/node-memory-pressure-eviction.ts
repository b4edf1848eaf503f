import type { Incident } from '../../incident/incident.ts'
import { keyOf } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { latest } from '../../incident/telling.ts'
import { evictedFrom, pressureOn, tellEvicted } from '../disk/pressure.ts'
import { findingOf } from '../group-by-node.ts'
import { clockTime, lastOf } from '../recency.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { tasksWaiting } from '../waiting-tasks.ts'

/** A node short of memory, whose kubelet evicts pods before the kernel has to kill. */
export const nodeMemoryPressureEviction: Rule<'node-memory-pressure-eviction'> = {
  id: 'node-memory-pressure-eviction',
  title: 'A node is short of memory and evicts pods',
  domain: 'compute',
  needs: ['pods'],
  helps: ['events', 'nodes', 'kubelet-stats', 'node-pressure', 'nodes.metrics.k8s.io'],
  explains: ['evicted', 'node-unhealthy', 'unscheduled', 'not-ready', 'no-endpoints'],
  explain: {
    mechanism:
      'The free memory of the node fell below the threshold of the kubelet (100Mi where nothing else is set). It sets MemoryPressure, which keeps pods without requests away, and evicts: first those that use more than they requested, by priority, then by how much more. Who is evicted need not be who filled it.',
    proof: [
      'Pods with reason Evicted and the message `The node was low on resource: memory`.',
      'Node condition MemoryPressure=True, event EvictionThresholdMet `Attempting to reclaim memory`.',
    ],
    lookAlikes: [
      'container-oomkilled: a container died at its own limit, the node has room.',
      'node-system-oom: the kernel was faster than the kubelet.',
      'log-flood-diskpressure: the message names ephemeral-storage.',
    ],
    mitigate: [
      { says: 'Keep new pods away from the node.', command: 'kubectl cordon {node}', changes: true },
      {
        says: 'Move the pod that uses most beyond its request.',
        command: 'kubectl top pods -A --sort-by=memory',
        changes: false,
      },
    ],
    fix: [
      'Set memory requests to what pods use, so that the scheduler counts them.',
      'Give critical workloads a PriorityClass.',
    ],
    links: ['https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/'],
  },
  *evaluate(incident) {
    for (const group of pressureOn(incident, 'memory')) {
      if (group.isOver)
        yield reject(group.ref, 'It was short of memory within the hour, evicted nobody, and is no longer.')
      else yield describe(incident, group)
    }
  },
}

function describe(incident: Incident, group: ReturnType<typeof pressureOn>[number]): Finding {
  const { ref, said, isNow, evictions } = group
  const evicted = evictedFrom(incident, evictions)
  const waiting = tasksWaiting(incident, ref.name, 'memory', WAITING)
  return findingOf(incident, group, evicted, {
    kind: 'cause',
    strength: isNow || evicted.length > 0 ? 'proof' : 'strong',
    says: `Node ${ref.name} ${isNow ? 'is' : `was, last at ${clockTime(latest(said.map((one) => lastOf(incident, one))))},`} short of memory${tellEvicted(evicted)}${describeHog(incident, evictions)}${waiting ? `; its ${waiting.says}` : ''}.`,
    beside: waiting ? [waiting.citation] : [],
  })
}

/** Tasks that wait for memory so much of the last minute are slow (systemd-oomd acts at 60 %; our judgement: a tenth is worth telling). */
const WAITING = 10

/** Who used most beyond its request, of those whose eviction says it. */
function describeHog(incident: Incident, said: readonly Said[]): string {
  const keys = new Set(said.map(({ about }) => keyOf(about)))
  const usages = incident.said('evicted-container-usage').filter(({ about }) => keys.has(keyOf(about)))
  const [first] = usages
  if (!first) return ''
  const { container, usage, request, exceeded } = first.values
  return `; ${first.about.name}/${container} was using ${usage} with a request of ${request ?? exceeded ?? '0'}`
}
