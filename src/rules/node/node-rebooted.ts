import type { Incident } from '../../incident/incident.ts'
import { countOrNo, earliest } from '../../incident/telling.ts'
import { findingOf, groupByNode, type NodeGroup } from '../group-by-node.ts'
import { groupNotBefore } from '../not-before.ts'
import { clockTime, endOfPod, firstOf } from '../recency.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { isSuffering } from '../suffering.ts'

/** A node that was rebooted, and all its containers with it. */
export const nodeRebooted: Rule<'node-rebooted'> = {
  id: 'node-rebooted',
  title: 'A node was rebooted',
  domain: 'node',
  needs: ['events', 'pods'],
  helps: ['nodes', 'node-logs'],
  explains: ['node-unhealthy', 'crashing', 'not-ready', 'evicted', 'no-endpoints', 'errors', 'job-failing'],
  explain: {
    mechanism:
      'The node started anew: an update of its system, a kernel that panicked, maintenance, or a person. All containers on it ended at the same moment and were started again in the same pods; those that end gracefully on a planned reboot say so.',
    proof: [
      'Event Rebooted: `Node … has been rebooted, boot id: …`.',
      'Pods with the message `Pod was terminated in response to imminent node shutdown.`',
    ],
    lookAlikes: [
      'Pods with new names: the node was replaced, not rebooted.',
      'A restart of the kubelet alone stops no container.',
    ],
    mitigate: [{ says: 'Read the journal of the boot before: journalctl -b -1.', changes: false }],
    fix: ['Drain before planned reboots; one node at a time.'],
    links: ['https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/'],
  },
  *evaluate(incident) {
    for (const group of groupByNode(incident, 'node-rebooted', 'pod-ended-by-shutdown')) yield judge(incident, group)
  },
}

/** The kubelet reports the boot within seconds; containers ended up to a slow boot before. */
const BOOT = 10 * 60 * 1000

function judge(incident: Incident, group: NodeGroup): Finding | Rejection {
  const { ref, said } = group
  const at = earliest(said.map((one) => firstOf(incident, one)))
  const ended = incident.podsOn(ref.name).filter((pod) => isSuffering(incident, pod) && hasEndedAt(pod, at))
  if (ended.length === 0 && group.node?.ready !== false)
    return reject(ref, `It was rebooted at ${clockTime(at)}, and what runs there is well.`)
  const isReboot = said.some(({ id }) => id === 'node-rebooted')
  return findingOf(incident, group, ended, {
    notBefore: groupNotBefore(incident, group),
    kind: 'cause',
    strength: isReboot ? 'proof' : 'strong',
    says: `Node ${ref.name} was ${isReboot ? 'rebooted' : 'shut down'} at ${clockTime(at)}; ${countOrNo(ended.length, 'pod')} on it ended with it.`,
  })
}

function hasEndedAt(pod: NonNullable<ReturnType<Incident['podOf']>>, at: number | undefined): boolean {
  if (pod.phase === 'Failed') return at === undefined || Math.abs((endOfPod(pod) ?? at) - at) <= BOOT
  return pod.containers.some(({ last, state }) => {
    const finished = state.kind === 'terminated' ? state.finished : last?.finished
    return at === undefined || finished === undefined || Math.abs(finished - at) <= BOOT
  })
}
