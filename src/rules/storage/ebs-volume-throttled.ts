import { isOfRootDevice } from '../../incident/disk-device.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { countOrNo } from '../../incident/telling.ts'
import { findingOf, groupByNode, isOngoing, type NodeGroup, sufferersOfGroup } from '../group-by-node.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { volumesOf } from './volumes.ts'

/** A volume, or all of a machine together, that is asked for more than it gives. */
export const ebsVolumeThrottled: Rule<'ebs-volume-throttled'> = {
  id: 'ebs-volume-throttled',
  title: 'A volume is asked for more operations or bytes than it allows',
  domain: 'storage',
  seeds: ['KIA 11.9.2'],
  needs: ['nodes'],
  helps: ['events', 'pods', 'aws-cloudwatch', 'aws-ec2'],
  explains: ['slow', 'not-ready', 'crashing', 'errors'],
  explain: {
    mechanism:
      'A volume has a number of operations and of bytes a second, a gp2 one above its base only while it has credits; a machine has one for all its volumes. Beyond these, requests queue, and databases answer late.',
    proof: [
      'The node agent’s EBSVolumeIOPSExceeded, EBSVolumeThroughputExceeded, EBSInstanceIOPSExceeded, EBSInstanceThroughputExceeded.',
      'CloudWatch: VolumeQueueLength, BurstBalance.',
    ],
    lookAlikes: [
      'root-volume-io-throttled: the device is the root disk of the node.',
      'EBSInstance…: a larger machine helps, a larger volume does not.',
      'Locks within the database.',
    ],
    mitigate: [{ says: 'Raise IOPS and throughput of the gp3 volume; it works while it is in use.', changes: true }],
    fix: ['Measure peaks; move backups to other hours; gp3 instead of gp2.'],
    links: ['https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html'],
  },
  *evaluate(incident) {
    for (const group of groupByNode(incident, ...EXCEEDED)) {
      const said = group.said.filter(({ id, text }) => id.startsWith('nma-ebs-instance') || !isOfRootDevice(text))
      if (said.length > 0) yield judge(incident, { ...group, said })
    }
  },
}

const EXCEEDED = [
  'nma-ebs-volume-iops',
  'nma-ebs-volume-throughput',
  'nma-ebs-instance-iops',
  'nma-ebs-instance-throughput',
] as const

function judge(incident: Incident, group: NodeGroup): Finding | Rejection {
  const { ref, said } = group
  const sufferers = sufferersOfGroup(incident, group).filter(hasClaim)
  if (sufferers.length === 0 && !isOngoing(incident, group))
    return reject(ref, 'Its volumes were asked for too much once; nothing suffers.')
  return findingOf(incident, group, sufferers, {
    kind: sufferers.length > 0 ? 'cause' : 'risk',
    strength: sufferers.length > 0 ? 'strong' : 'weak',
    says: `Volumes of node ${ref.name} are asked for more than they give (${[...new Set(said.map(({ reason }) => reason))].join(', ')}): ${said[0]?.text.slice(0, 160)}; ${countOrNo(sufferers.length, 'pod')} with volumes suffer.`,
  })
}

function hasClaim(pod: Pod): boolean {
  return volumesOf(pod).some(({ claim }) => claim !== '')
}
