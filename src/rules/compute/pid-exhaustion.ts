import { citeFigure } from '../../incident/counters/summary.ts'
import type { Incident } from '../../incident/incident.ts'
import { keyOf } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { countOrNo } from '../../incident/telling.ts'
import { findingOf, groupByNode, type NodeGroup, sufferersOfGroup } from '../group-by-node.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { findingOfSayer, type Sayer, sayersOf } from '../sayers.ts'
import { findRefused } from './refused-processes.ts'

/** A node or a pod that cannot start another process or thread. */
export const pidExhaustion: Rule<'pid-exhaustion'> = {
  id: 'pid-exhaustion',
  title: 'No process ids are left',
  domain: 'compute',
  needs: ['pods'],
  helps: ['nodes', 'events', 'logs', 'kernel-log', 'kubelet-stats', 'cgroups'],
  explains: ['node-unhealthy', 'crashing', 'not-ready', 'not-starting', 'evicted', 'errors'],
  explain: {
    mechanism:
      'Processes and threads share one table per node and one limit per pod. A leak of threads, processes that nobody waits for, or exec probes that pile up fill it, and then nothing can start: no probe, no exec, no thread of any program.',
    proof: [
      'Node condition PIDPressure=True, or the node agent’s ForkFailedOutOfPIDs.',
      'pids.events of a pod’s cgroup: `max` grows between two readings, with pids.current at pids.max.',
      'rlimit in /stats/summary of the kubelet: curproc near maxpid.',
      '`fork/exec …: resource temporarily unavailable`, `failed to create new OS thread … errno=11`, `cgroup: fork rejected by pids controller`.',
    ],
    lookAlikes: [
      'node-system-oom: want of memory gives the same error number.',
      'fd-or-inotify-exhaustion: it is files that are missing: too many open files.',
    ],
    mitigate: [
      { says: 'Keep new pods away from the node.', command: 'kubectl cordon {node}', changes: true },
      { says: 'Restart the workload whose threads pile up.', changes: true },
    ],
    fix: [
      'Set podPidsLimit in the kubelet; run a program that waits for its children as process 1 (tini, shareProcessNamespace).',
    ],
    links: ['https://kubernetes.io/docs/concepts/policy/pid-limiting/'],
  },
  *evaluate(incident) {
    const nodes = groupByNode(
      incident,
      'pid-pressure',
      'nma-process-ids-exhausted',
      'eviction-threshold-met',
      'node-pressure-eviction',
    )
    for (const group of nodes) yield* judgeNode(incident, { ...group, said: group.said.filter(isAboutProcesses) })
    yield* findScarce(incident, new Set(nodes.map(({ ref }) => ref.name)))
    const refused = findRefused(incident, incident.said('process-ids-exhausted', 'fork-rejected'))
    yield* refused
    const counted = new Set(refused.map(({ subject }) => keyOf(subject)))
    for (const sayer of sayersOf(incident, 'process-ids-exhausted', 'fork-rejected'))
      if (!counted.has(keyOf(sayer.workload))) yield judgeSayer(sayer)
    for (const group of groupByNode(incident, 'nma-process-ids-scarce', 'nma-zombie-processes'))
      yield findingOf(incident, group, [], {
        kind: 'risk',
        strength: 'strong',
        says: `Node ${group.ref.name} nears its limit of process ids: ${group.said[0]?.text.slice(0, 200)}`,
      })
  },
}

/** Above this share of its process ids a node nears its limit (judgement; the kubelet has no default threshold for pid.available). */
const SCARCE = 0.9

function* findScarce(incident: Incident, told: ReadonlySet<string>): Generator<Finding> {
  for (const { node, usage } of incident.counters.nodes) {
    const { processes, mostProcesses } = usage ?? {}
    if (told.has(node) || !processes || !mostProcesses || processes.value < SCARCE * mostProcesses.value) continue
    yield {
      kind: 'risk',
      subject: { kind: 'Node', name: node },
      strength: 'strong',
      from: undefined,
      says: `Node ${node} nears its limit of process ids: it has ${processes.value} of ${mostProcesses.value}.`,
      cites: [citeFigure(processes), citeFigure(mostProcesses)],
    }
  }
}

function isAboutProcesses({ id, values }: Said): boolean {
  return (
    id === 'pid-pressure' ||
    id === 'nma-process-ids-exhausted' ||
    values.resource === 'pids' ||
    values.resource === 'pid.available'
  )
}

function* judgeNode(incident: Incident, group: NodeGroup): Generator<Finding | Rejection> {
  if (group.said.length === 0) return
  const sufferers = sufferersOfGroup(incident, group)
  const isNow = group.said.some(({ source }) => source === 'condition')
  if (!isNow && sufferers.length === 0)
    yield reject(group.ref, 'It was short of process ids within the hour and is no longer.')
  else
    yield findingOf(incident, group, sufferers, {
      kind: 'cause',
      strength: isNow ? 'proof' : 'strong',
      says: `Node ${group.ref.name} ${isNow ? 'has' : 'had'} no process ids left: ${group.said[0]?.text.slice(0, 160)}; ${countOrNo(sufferers.length, 'pod')} on it suffer.`,
    })
}

function judgeSayer(sayer: Sayer): Finding | Rejection {
  const { workload, said, sick, isOngoing } = sayer
  if (sick.length === 0 && !isOngoing) return reject(workload, 'It could not start a process once, and goes on.')
  return findingOfSayer(sayer, {
    says: `${workload.name} cannot start processes or threads: ${said[0].words.slice(0, 160)}.`,
    missing: ['pids.current against pids.max of the pod, and the memory of the node, whose want gives the same error.'],
  })
}
