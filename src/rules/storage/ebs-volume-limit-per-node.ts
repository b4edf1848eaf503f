import { atLeastOne } from '../../incident/citation.ts'
import { waitsForNode } from '../../incident/pod.ts'
import { earliest } from '../../incident/telling.ts'
import { groupByWorkload } from '../group.ts'
import { isStillSaid } from '../recency.ts'
import { type Rule, reject } from '../rule.ts'
import { waitsToStart } from './volumes.ts'

/** Nodes that have attached as many volumes as their machines take. */
export const ebsVolumeLimitPerNode: Rule<'ebs-volume-limit-per-node'> = {
  id: 'ebs-volume-limit-per-node',
  title: 'Nodes have as many volumes attached as they take',
  domain: 'storage',
  needs: ['pods'],
  helps: ['events', 'csinodes.storage.k8s.io', 'volumeattachments.storage.k8s.io'],
  explains: ['unscheduled', 'not-starting', 'volume-failing', 'rollout-stalled'],
  explain: {
    mechanism:
      'A machine takes a fixed number of disks; on many types network interfaces take from the same slots. The scheduler counts what the driver announced for each node, and refuses more; where the driver announced too many, the attachment itself fails.',
    proof: [
      'The scheduler says `node(s) exceed max volume count`.',
      'Attaching fails with AttachmentLimitExceeded.',
      'CSINode spec.drivers[].allocatable.count is not larger than the VolumeAttachments of the node.',
    ],
    lookAlikes: ['ebs-az-mismatch: volume node affinity conflict.', 'insufficient-cpu-memory: Insufficient cpu.'],
    mitigate: [
      {
        says: 'Add nodes, or delete claims that nobody uses.',
        command: 'kubectl get volumeattachments',
        changes: false,
      },
    ],
    fix: ['Larger machines, fewer small volumes, pods with volumes spread over nodes.'],
    links: [
      'https://kubernetes.io/docs/concepts/storage/storage-limits/',
      'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/volume_limits.html',
    ],
  },
  *evaluate(incident) {
    for (const { workload, pods, said } of groupByWorkload(incident, 'volume-limit-per-node', 'attachment-limit')) {
      const waiting = pods.filter((pod) => waitsForNode(pod) || waitsToStart(pod))
      const fresh = said.filter((one) => isStillSaid(incident, one))
      if (waiting.length === 0 || fresh.length === 0)
        yield reject(workload, 'Nodes had too many volumes for it once; no pod of it waits now.')
      else
        yield {
          kind: 'cause',
          subject: workload,
          strength: 'strong',
          from: earliest(fresh.map((one) => one.first)) ?? waiting[0]?.created,
          says: `${waiting.length} pods of ${workload.name} find no node that may attach another volume: ${fresh[0]?.words}.`,
          cites: atLeastOne(fresh.slice(0, 2).map(({ citation }) => citation)),
          affects: waiting.map(({ ref }) => ref),
        }
    }
  },
}
