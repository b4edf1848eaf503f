import type { Incident } from '../../incident/incident.ts'
import { isFailing } from '../../incident/pod.ts'
import { uniqueRefs } from '../../incident/reference.ts'
import { count, countOrNo, shorten, tellNames } from '../../incident/telling.ts'
import { findingOf, groupByNode, isOngoing, type NodeGroup, sufferersOfGroup } from '../group-by-node.ts'
import { groupNotBefore } from '../not-before.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'

/** A kernel that hangs, or reports a fault of its own. */
export const kernelFault: Rule<'kernel-fault'> = {
  id: 'kernel-fault',
  title: 'The kernel of a node hangs or reports a fault',
  domain: 'node',
  needs: ['nodes'],
  helps: ['events', 'kernel-log', 'node-logs'],
  explains: ['node-unhealthy', 'not-ready', 'crashing', 'stuck-terminating', 'not-starting', 'slow', 'errors'],
  explain: {
    mechanism:
      'A processor is stuck in the kernel, a process waits in it without end, or the kernel met a state that it should never be in. What needs that processor, lock or device stands still; the node stalls, goes silent or reboots.',
    proof: [
      '`BUG: soft lockup`, `kernel BUG at`, `NULL pointer dereference`, `Kernel panic`, `task … blocked for more than … seconds`, `unregister_netdevice: waiting for`.',
      '`unable to apply cgroup configuration: … cannot allocate memory` of pods of several workloads, all on one node: the memory of its kernel for cgroups leaks, or is used up.',
      'KernelDeadlock=True of the node problem detector; SoftLockup, KernelBug, AppBlocked of the node agent.',
    ],
    lookAlikes: [
      'block-device-error, root-volume-io-throttled: the process waits for a disk.',
      'A file server that does not answer (`nfs: server … not responding`) blocks processes on a healthy kernel.',
    ],
    mitigate: [
      { says: 'Keep new pods away; save the console output.', command: 'kubectl cordon {node}', changes: true },
      {
        says: 'Replace the node.',
        command: 'kubectl drain {node} --ignore-daemonsets --delete-emptydir-data',
        changes: true,
      },
    ],
    fix: ['Compare the kernel versions of the sick nodes with the others; go to another image.'],
    links: ['https://kubernetes.io/docs/tasks/debug/debug-cluster/monitor-node-health/'],
  },
  *evaluate(incident) {
    for (const group of groupByNode(incident, ...SAID)) yield judge(incident, group)
    const [full, ...others] = groupByNode(incident, 'cgroup-failed')
    if (full && others.length === 0) yield* judgeCgroups(incident, full)
  },
}

/** One node that makes no cgroup for pods of several workloads, or of one whose other pods run elsewhere: the kernel there has no room for them. */
function* judgeCgroups(incident: Incident, { ref, said, node }: NodeGroup): Generator<Finding | Rejection> {
  const pods = incident.podsOn(ref.name).filter((pod) => said.some(({ about }) => about.name === pod.ref.name))
  const stuck = pods.filter(isFailing)
  const workloads = uniqueRefs(stuck.map(({ workload }) => workload))
  const runsElsewhere = workloads.some((one) => incident.workloadOf(one)?.pods.some(({ ready }) => ready))
  if (workloads.length < 2 && !runsElsewhere)
    return yield reject(ref, 'Of one workload alone no cgroup can be made there: its limits may be behind it.')
  yield findingOf(incident, { ref, said }, stuck, {
    kind: 'cause',
    strength: 'strong',
    says: `The kernel of node ${ref.name}${node ? ` (${node.versions.kernel})` : ''} makes no cgroup for ${count(stuck.length, 'pod')} of ${tellNames(workloads.map(({ name }) => name))}, and on no other node is that so: ${shorten(said[0]?.words ?? '', 200)}.`,
  })
}

const SAID = [
  'kernel-panic',
  'npd-kernel-deadlock',
  'soft-lockup',
  'hard-lockup',
  'kernel-null-pointer',
  'kernel-bug',
  'nma-kernel-bug',
  'nma-soft-lockup',
  'npd-kernel-oops',
  'rcu-stall',
  'blocked-task',
  'nma-blocked-process',
  'npd-task-hung',
  'network-device-stuck',
  'npd-unregister-netdevice',
] as const

function judge(incident: Incident, group: NodeGroup): Finding | Rejection {
  const { ref, said, node } = group
  const sufferers = sufferersOfGroup(incident, group)
  const isState = said.some(({ source }) => source === 'condition')
  const isSick = isState || sufferers.length > 0 || node?.ready === false
  if (!isSick && !isOngoing(incident, group))
    return reject(ref, 'Its kernel complained within the hour; nothing suffers from it.')
  const server = incident.said('nfs-not-responding')[0]
  return findingOf(incident, group, sufferers, {
    notBefore: groupNotBefore(incident, group),
    kind: isSick ? 'cause' : 'risk',
    strength: isState ? 'proof' : 'strong',
    says: `The kernel of node ${ref.name}${node ? ` (${node.versions.kernel})` : ''} says: ${said[0]?.text.slice(0, 200)}; ${countOrNo(sufferers.length, 'pod')} on it suffer.`,
    against: server
      ? [{ says: 'A file server does not answer, for which processes wait in the kernel.', cites: [server.citation] }]
      : [],
  })
}
