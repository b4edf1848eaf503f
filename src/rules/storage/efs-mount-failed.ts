import { atLeastOne } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { earliest } from '../../incident/telling.ts'
import { isCurrent } from '../recency.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { saidOfPods, waitsToStart } from './volumes.ts'

/** A file system over the network (EFS, NFS) that is not mounted. */
export const efsMountFailed: Rule<'efs-mount-failed'> = {
  id: 'efs-mount-failed',
  title: 'A file system over the network is not mounted',
  domain: 'storage',
  needs: ['pods'],
  helps: ['events', 'logs', 'aws-ec2'],
  explains: ['not-starting', 'not-ready', 'rollout-stalled', 'no-endpoints', 'volume-failing', 'stuck-terminating'],
  explain: {
    mechanism:
      'The node asks a server on port 2049 for the file system. A security group drops it, no mount target is in the zone, the name does not resolve, the server refuses the client or the path, or the node lacks the program that mounts it. Pods wait in ContainerCreating.',
    proof: ['Event FailedMount with `mount.nfs: …`, `mount.nfs4: …` or the words of mount.efs.'],
    lookAlikes: [
      'ebs-attach-timeout-or-stuck-on-dead-node: a disk, not a file server.',
      '`bad option; you might need a /sbin/mount.<type> helper program`: nfs-utils is missing on the node.',
    ],
    mitigate: [
      { says: 'Open port 2049 from the nodes to the server, or make a mount target in the zone.', changes: true },
    ],
    fix: ['One mount target a zone; a security group that names that of the nodes.'],
    links: ['https://docs.aws.amazon.com/efs/latest/ug/troubleshooting-efs-mounting.html'],
  },
  *evaluate(incident) {
    const said = incident.said('efs-mount-failed').filter((one) => isCurrent(incident, one))
    for (const { about } of said.filter(({ about }) => about.kind === 'Pod' && !isWaiting(incident, about)))
      yield reject(incident.topOf(about), 'A file system was not mounted once; the pod has started since.')
    const waiting = saidOfPods(incident, said, waitsToStart)
    for (const [, members] of Map.groupBy(waiting, ({ pod }) => keyOf(pod.workload))) yield describe(members)
  },
}

function isWaiting(incident: Incident, about: Said['about']): boolean {
  const pod = incident.podOf(about)
  return pod !== undefined && waitsToStart(pod)
}

function describe(waiting: readonly { readonly pod: Pod; readonly said: readonly Said[] }[]): Finding {
  const said = waiting.flatMap((one) => one.said)
  const { workload } = (waiting[0] as { readonly pod: Pod }).pod
  return {
    kind: 'cause',
    subject: workload,
    strength: 'proof',
    from: earliest(said.map((one) => one.first)),
    says: `A file system over the network is not mounted for ${waiting.length} pods of ${workload.name}: ${said[0]?.values.cause ?? said[0]?.words}.`,
    cites: atLeastOne(said.slice(0, 2).map(({ citation }) => citation)),
    affects: uniqueRefs(waiting.map(({ pod }) => pod.ref)),
  }
}
