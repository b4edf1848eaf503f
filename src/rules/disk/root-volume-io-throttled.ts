import { isOfRootDevice } from '../../incident/disk-device.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Said } from '../../incident/statement.ts'
import { countOrNo } from '../../incident/telling.ts'
import { findingOf, groupByNode, isOngoing, type NodeGroup, sufferersOfGroup } from '../group-by-node.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { tasksWaiting } from '../waiting-tasks.ts'

/** A node's own disk that is asked for more than it gives, so that everything that touches it waits. */
export const rootVolumeIoThrottled: Rule<'root-volume-io-throttled'> = {
  id: 'root-volume-io-throttled',
  title: 'The root volume of a node is too slow',
  domain: 'disk',
  needs: ['nodes'],
  helps: ['events', 'node-logs', 'kernel-log', 'node-pressure', 'aws-cloudwatch'],
  explains: ['node-unhealthy', 'not-starting', 'not-ready', 'crashing', 'slow', 'errors'],
  explain: {
    mechanism:
      'Logs, image pulls or scratch files ask the root volume for more operations or bytes than it allows, or its burst credits are used up. Processes wait in the kernel; containers start slowly, probes time out, at last the kubelet cannot list its containers in time.',
    proof: [
      'The node agent’s EBSVolumeIOPSExceeded, EBSVolumeThroughputExceeded of the root device, IODelays, KubeletDiskUsageSlow.',
      'The kubelet logs `fs: disk usage and inodes count on following dirs took`; the kernel `task … blocked for more than 120 seconds`.',
      'On the node: /proc/pressure/io.',
    ],
    lookAlikes: [
      'node-cpu-saturation: processes wait for the processor.',
      'ebs-volume-throttled: the volume of a claim is the slow one.',
      'block-device-error: the disk fails, it is not slow.',
    ],
    mitigate: [{ says: 'Keep new pods away from the node.', command: 'kubectl cordon {node}', changes: true }],
    fix: [
      'Raise IOPS and throughput of the root volumes in the launch template; move heavy writers to volumes of their own.',
    ],
    links: ['https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html'],
  },
  *evaluate(incident) {
    const groups = groupByNode(incident, ...SLOW)
    for (const group of groups) {
      const said = group.said.filter(isOfRoot)
      if (said.length > 0) yield judge(incident, { ...group, said })
    }
  },
}

const SLOW = [
  'slow-disk-usage',
  'nma-slow-disk-usage',
  'nma-io-delays',
  'nma-ebs-volume-iops',
  'nma-ebs-volume-throughput',
] as const

/** What the agent says of a volume counts where it names the root device. */
function isOfRoot({ id, text }: Said): boolean {
  return !id.startsWith('nma-ebs-volume') || isOfRootDevice(text)
}

/** Tasks that wait for a disk in a tenth of the time (PSI; our judgement). Which disk it is, the kernel does not say: it only fits. */
const WAITING = 10

function judge(incident: Incident, group: NodeGroup): Finding | Rejection {
  const sufferers = sufferersOfGroup(incident, group)
  const isSick = sufferers.length > 0 || group.node?.ready === false
  if (!isSick && !isOngoing(incident, group))
    return reject(group.ref, 'Its disk was slow once; nothing suffers from it.')
  const isExceeded = group.said.some(({ id }) => id.startsWith('nma-ebs') || id === 'nma-io-delays')
  const waiting = tasksWaiting(incident, group.ref.name, 'io', WAITING)
  return findingOf(incident, group, sufferers, {
    kind: isSick ? 'cause' : 'risk',
    strength: isExceeded ? 'strong' : 'weak',
    says: `The disk of node ${group.ref.name} is slow: ${group.said[0]?.text.slice(0, 160)}; ${waiting ? `${waiting.says}; ` : ''}${countOrNo(sufferers.length, 'pod')} on it suffer.`,
    beside: waiting ? [waiting.citation] : [],
  })
}
