import type { Citation } from '../../incident/citation.ts'
import { conditionOf } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import { textAt } from '../../incident/kubernetes.ts'
import { is } from '../../incident/messages/index.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { earliest } from '../../incident/telling.ts'
import { isStillSaid } from '../recency.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { type Sayer, sayersOf } from '../sayers.ts'
import { isSuffering } from '../suffering.ts'
import { type Mount, mountIn } from './mounts.ts'
import { measuredVolumes, type VolumeFill } from './volume-fill.ts'

/** A volume without room, and a program that says so. */
export const pvFull: Rule<'pv-full'> = {
  id: 'pv-full',
  title: 'A persistent volume is full',
  domain: 'storage',
  needs: ['pods'],
  helps: ['logs', 'previous-logs', 'kubelet-stats', 'persistentvolumeclaims'],
  explains: ['crashing', 'not-ready', 'errors', 'no-endpoints', 'job-failing', 'slow'],
  explain: {
    mechanism:
      'The data on a volume grew to its size, or its file system has no inodes left. Every write fails with ENOSPC; databases stop, become read-only, or crash when they start and want to write.',
    proof: [
      'kubelet_volume_stats_available_bytes or kubelet_volume_stats_inodes_free of the claim near 0, which /stats/summary of the kubelet tells too.',
      '`no space left on device` in the log, of a path that the claim is mounted at, while the node has no DiskPressure.',
    ],
    lookAlikes: [
      'log-flood-diskpressure: the disk of the node is full, and its pods are evicted.',
      'fd-or-inotify-exhaustion: inotify says `no space left on device` too.',
      'ephemeral-limit-exceeded: an emptyDir with a limit.',
    ],
    mitigate: [
      {
        says: 'See how full it is.',
        command: 'kubectl exec -n {namespace} deployment/{name} -- df -h',
        changes: false,
      },
      {
        says: 'Let the claim grow.',
        command: `kubectl patch pvc {name} -n {namespace} -p '{"spec":{"resources":{"requests":{"storage":"<more>"}}}}'`,
        changes: true,
      },
    ],
    fix: ['Alert at 80 %; expire old data, write-ahead logs and backups.'],
    links: ['https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims'],
  },
  *evaluate(incident) {
    const volumes = measuredVolumes(incident)
    const told = new Set<string>()
    for (const sayer of sayersOf(incident, 'disk-full')) {
      const said = sayer.said.filter((one) => isOfProgram(one))
      const verdict = said.length > 0 ? judge(incident, sayer, said as [Said, ...Said[]], volumes) : undefined
      if (verdict && verdict.kind !== 'rejected') told.add(keyOf(verdict.subject))
      if (verdict) yield verdict
    }
    yield* findNearlyFull(incident, volumes, told)
  },
}

/** What programs write into logs or leave as their last words; the kubelet's own words are about the disk of the node. */
function isOfProgram({ source, text }: Said): boolean {
  const isOfProgram = source === 'log' || source === 'terminated'
  return isOfProgram && !is(text, 'inotify-exhausted') && !is(text, 'shared-memory-full')
}

function judge(
  incident: Incident,
  { workload }: Sayer,
  said: readonly [Said, ...Said[]],
  volumes: ReadonlyMap<string, VolumeFill>,
): Finding | Rejection {
  const pods = podsOf(incident, said)
  const mount = said.map((one) => mountIn(incident, one)).find((one) => one !== undefined)
  const pressed = pods.find(
    ({ node }) => conditionOf(incident.nodeOf(node)?.conditions ?? [], 'DiskPressure')?.status === 'True',
  )
  if (pressed && !mount?.isNamed)
    return reject(workload, `The disk of its node ${pressed.node} is full, not its volume.`)
  if (!mount) return reject(workload, 'It has no room to write, and no claim mounted there.')
  const sick = pods.filter((pod) => isSuffering(incident, pod))
  if (sick.length === 0 && !said.some((one) => isStillSaid(incident, one)))
    return reject(workload, 'It had no room to write once, and goes on.')
  const fill = volumes.get(keyOf(claimOf(mount)))
  if (fill && fill.left >= ROOMY)
    return reject(workload, `It finds no room to write, but on the volume of ${mount.claim} ${fill.says}.`)
  const finding = describe(incident, said, sick, mount)
  return fill && fill.left <= FULL ? measured(finding, fill) : finding
}

/** What is left of a volume that is not full (judgement). */
const ROOMY = 0.1

/** What is left of one that is: filesystems keep some for root, and a write is larger than a block (judgement). */
const FULL = 0.02

/** Kubernetes' own alert (kubernetes-mixin, KubePersistentVolumeFillingUp): 3 % left. */
const NEARLY_FULL = 0.03

function measured(finding: Finding, { says, citation }: VolumeFill): Finding {
  return {
    ...finding,
    strength: 'proof',
    says: `${finding.says.slice(0, -1)}; ${says}.`,
    cites: [...finding.cites, citation],
    missing: [],
  }
}

/** Volumes on which nearly nothing is left, and of which nobody complains yet. */
function* findNearlyFull(
  incident: Incident,
  volumes: ReadonlyMap<string, VolumeFill>,
  told: ReadonlySet<string>,
): Generator<Finding> {
  for (const [key, { claim, left, says, citation }] of volumes) {
    if (told.has(key) || left > NEARLY_FULL) continue
    yield {
      kind: 'risk',
      subject: claim,
      strength: 'strong',
      from: undefined,
      says: `The volume of ${claim.name} is nearly full: ${says}.`,
      cites: [citation],
      affects: incident.usersOf('PersistentVolumeClaim', claim.namespace, claim.name).map(({ ref }) => ref),
    }
  }
}

function claimOf({ claim, namespace }: Mount): Ref {
  return { kind: 'PersistentVolumeClaim', ...(namespace === undefined ? {} : { namespace }), name: claim }
}

function podsOf(incident: Incident, said: readonly Said[]): readonly Pod[] {
  return [...new Set(said.flatMap(({ about }) => incident.podOf(about) ?? []))]
}

function describe(incident: Incident, said: readonly [Said, ...Said[]], sick: readonly Pod[], mount: Mount): Finding {
  const { claim, namespace, isNamed } = mount
  const object = incident.find('PersistentVolumeClaim', namespace, claim)
  const size = textAt(object?.json, 'status', 'capacity', 'storage')
  const cited: readonly Citation[] = said.slice(0, 2).map(({ citation }) => citation)
  return {
    kind: 'cause',
    subject: claimOf(mount),
    strength: isNamed ? 'strong' : 'weak',
    from: earliest(said.map((one) => one.first)),
    says: `${incident.topOf(said[0].about).name} finds no room on the volume of ${claim}${size ? ` (${size})` : ''}: ${said[0].text.slice(0, 200)}.`,
    cites: [cited[0] ?? said[0].citation, ...cited.slice(1)],
    missing: ['How full the volume is (kubelet_volume_stats_available_bytes).'],
    affects: uniqueRefs([...sick.map(({ ref }) => ref), ...said.map(({ about }): Ref => incident.topOf(about))]),
  }
}
