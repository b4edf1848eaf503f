import { cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { KubeObject } from '../../incident/object.ts'
import type { Pod } from '../../incident/pod.ts'
import type { Workload } from '../../incident/workload.ts'
import { touches } from '../../incident/writes.ts'
import { isRecent } from '../recency.ts'
import type { Finding, Rule } from '../rule.ts'
import { claimsOf } from './volumes.ts'

/** A replica that was scaled away and came back to the volume that it had left. */
export const statefulsetScaleReusesOldPvc: Rule<'statefulset-scale-reuses-old-pvc'> = {
  id: 'statefulset-scale-reuses-old-pvc',
  title: 'A StatefulSet was scaled up onto volumes with old data',
  domain: 'storage',
  seeds: ['KIA 5.3.2'],
  needs: ['statefulsets.apps', 'persistentvolumeclaims', 'pods'],
  helps: ['changes'],
  explains: ['errors', 'not-ready', 'crashing'],
  explain: {
    mechanism:
      'A StatefulSet keeps the claims of replicas that it is scaled down by. When it is scaled up again, the replica finds its old data, which the others have long left behind: it may serve it, or fail to join.',
    proof: ['The replica was made by the latest scaling, and its claim is far older.'],
    lookAlikes: [
      'A replica that was only restarted or moved keeps its claim, as it should.',
      'A claim that was made together with the pod is empty.',
    ],
    mitigate: [{ says: 'Stop that replica; take a snapshot; let it begin on an empty volume.', changes: true }],
    fix: ['persistentVolumeClaimRetentionPolicy: whenScaled: Delete, where replicas can copy their data from others.'],
    links: ['https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention'],
  },
  *evaluate(incident) {
    for (const workload of incident.workloads.filter(({ ref }) => ref.kind === 'StatefulSet'))
      for (const pod of returned(incident, workload))
        for (const claim of claimsOf(incident, pod)) if (isOlder(pod, claim)) yield describe(workload, pod, claim)
  },
}

/** Long enough for the others to have moved on (judgement). */
const OLD = 60 * 60 * 1000

/** Replicas that are younger than a recent scaling, while a lower one is older: a restart takes the highest first, but not only. */
function returned(incident: Incident, { object, pods }: Workload): readonly Pod[] {
  const scaled = object?.writes.findLast(
    (write) => touches(write, 'spec.replicas') && (write.subresource === 'scale' || isRecent(incident, write.at)),
  )?.at
  if (!isRecent(incident, scaled)) return []
  const isAfter = ({ created }: Pod): boolean => (created ?? 0) >= (scaled ?? 0) - 1000
  const older = pods.filter((pod) => !isAfter(pod)).map(ordinalOf)
  const highest = Math.max(-1, ...older)
  return pods.filter((pod) => isAfter(pod) && highest >= 0 && ordinalOf(pod) > highest)
}

function ordinalOf({ ref }: Pod): number {
  return Number(/-(\d+)$/.exec(ref.name)?.[1] ?? -1)
}

function isOlder({ created }: Pod, claim: KubeObject): boolean {
  return created !== undefined && claim.created !== undefined && created - claim.created > OLD
}

function describe({ ref }: Workload, pod: Pod, claim: KubeObject): Finding {
  const hours = Math.round(((pod.created ?? 0) - (claim.created ?? 0)) / 3_600_000)
  return {
    kind: 'risk',
    subject: ref,
    strength: 'weak',
    from: pod.created,
    says: `${ref.name} was scaled up, and ${pod.ref.name} found the claim ${claim.ref.name}, which is ${hours} hours older than it: with old data, if it was used before.`,
    cites: [cite(claim, ['metadata', 'creationTimestamp']), cite(claim, ['metadata', 'name'])],
    affects: [pod.ref],
  }
}
