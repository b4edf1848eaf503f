import { atLeastOne, cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf, uniqueRefs } from '../../incident/reference.ts'
import { count, earliest, tellNames, tellSpan } from '../../incident/telling.ts'
import { isRecent } from '../recency.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { isOfKubernetes } from './own-finalizers.ts'

/** Deleted pods whose containers do not end although their node is well. */
export const podTerminatingRuntimeStuck: Rule<'pod-terminating-runtime-stuck'> = {
  id: 'pod-terminating-runtime-stuck',
  title: 'Containers of deleted pods do not end',
  domain: 'termination',
  needs: ['pods', 'nodes'],
  helps: ['events', 'node-logs', 'kernel-log'],
  explains: ['stuck-terminating', 'rollout-stalled', 'no-endpoints'],
  explain: {
    mechanism:
      'The kubelet was told to end a pod, its grace is over, and a container still runs: the runtime hangs, or a process waits in the kernel for a device or a network file system that does not answer and cannot be killed.',
    proof: [
      'The deletion timestamp is minutes ago, the node is Ready, there is no finalizer, and a container is not terminated; events FailedKillPod say why.',
    ],
    lookAlikes: [
      'pod-finalizer-orphaned: the containers have ended.',
      'pod-terminating-node-gone: the node does not answer.',
      'A long terminationGracePeriodSeconds: the deletion timestamp already holds it.',
    ],
    mitigate: [
      { says: 'Take the journal of the node first: it is lost with it.', changes: false },
      {
        says: 'Let the node take nothing new, then restart its kubelet, or replace it.',
        command: 'kubectl cordon {node}',
        changes: true,
      },
    ],
    fix: ['Mount network file systems soft or with timeouts, and watch for processes in state D.'],
  },
  *evaluate(incident) {
    const overdue = incident.pods.filter(
      ({ deleted, node }) => node !== '' && deleted !== undefined && incident.now - deleted > PATIENCE,
    )
    for (const [, pods] of Map.groupBy(overdue, ({ workload }) => keyOf(workload))) {
      const stuck = pods.filter((pod) => isStuck(incident, pod))
      const [first] = pods as [Pod, ...Pod[]]
      if (stuck.length > 0) yield describe(incident, stuck)
      else
        yield reject(
          first.workload,
          'A finalizer keeps its pods, their containers have ended, or their node is not Ready.',
        )
    }
  },
}

/** Longer than a kubelet needs after the grace is over. */
const PATIENCE = 2 * 60 * 1000

/** What Kubernetes takes off itself it takes off once the containers have ended: the job controller waits for that. */
function isStuck(incident: Incident, { node, finalizers, containers }: Pod): boolean {
  const isRunning = containers.some(({ state }) => state.kind === 'running')
  return incident.nodeOf(node)?.ready === true && isRunning && finalizers.every(isOfKubernetes)
}

function describe(incident: Incident, pods: readonly Pod[]): Finding {
  const [first] = pods as [Pod, ...Pod[]]
  const since = earliest(pods.map(({ deleted }) => deleted)) ?? incident.now
  const nodes = [...new Set(pods.map(({ node }) => node))].sort()
  const said = pods
    .flatMap(({ ref }) => incident.saidAbout(ref))
    .filter(
      ({ id, last }) =>
        (id === 'pod-kill-failed' || id === 'container-stop-failed' || id === 'pod-not-exiting') &&
        isRecent(incident, last),
    )
  return {
    kind: 'cause',
    subject: first.workload,
    strength: said.length > 0 ? 'proof' : 'strong',
    from: since,
    says: `${count(pods.length, 'pod')} of ${first.workload.name} should have ended ${tellSpan(incident.now - since)} ago, and containers still run on ${tellNames(nodes)}, ${nodes.length === 1 ? 'which is' : 'which are'} Ready.`,
    cites: atLeastOne([
      ...said.slice(0, 2).map(({ citation }) => citation),
      ...pods.slice(0, 3).map((pod) => cite(pod, ['metadata', 'deletionTimestamp'])),
    ]),
    affects: uniqueRefs([...pods.map(({ ref }) => ref), ...nodes.map((name) => ({ kind: 'Node', name }))]),
  }
}
