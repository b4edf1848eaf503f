import { deviceIn, isOfRootDevice } from '../../incident/disk-device.ts'
import type { Incident } from '../../incident/incident.ts'
import { countOrNo, earliest } from '../../incident/telling.ts'
import { findingOf, groupByNode, isOngoing, type NodeGroup, sufferersOfGroup } from '../group-by-node.ts'
import { groupNotBefore } from '../not-before.ts'
import { firstOf } from '../recency.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { type Sayer, sayersOf } from '../sayers.ts'
import { mountIn } from '../storage/mounts.ts'

/** A disk that fails, or a file system that the kernel made read-only to save it. */
export const blockDeviceError: Rule<'block-device-error'> = {
  id: 'block-device-error',
  title: 'A disk of a node fails, or its file system is read-only (block-device-error, readonly-fs)',
  domain: 'disk',
  needs: ['nodes'],
  helps: ['events', 'kernel-log', 'node-logs', 'logs'],
  explains: ['node-unhealthy', 'not-starting', 'not-ready', 'crashing', 'errors', 'evicted'],
  explain: {
    mechanism:
      'The kernel got an error of a disk, or found its file system damaged. It may remount it read-only, upon which every write fails: of pods whose volume it is, or of the whole node when it is the root.',
    proof: [
      'Kernel: `I/O error, dev …`, `Buffer I/O error on device`, `EXT4-fs error`, `XFS … Shutting down filesystem`, `Remounting filesystem read-only`.',
      'A program logs `Input/output error`: its disk, or its file server, failed; which one the kernel knows.',
      'Node condition ReadonlyFilesystem=True of the node problem detector; BlockDeviceIOError of the node agent.',
    ],
    lookAlikes: [
      'root-volume-io-throttled: slow, without errors.',
      'fs-permission-or-readonly: one container whose root is read-only by its own settings.',
    ],
    mitigate: [
      {
        says: 'Keep new pods away from the node; take a snapshot of the volume first.',
        command: 'kubectl cordon {node}',
        changes: true,
      },
      {
        says: 'Replace the node.',
        command: 'kubectl drain {node} --ignore-daemonsets --delete-emptydir-data',
        changes: true,
      },
    ],
    fix: ['Replace the volume from a snapshot after a check of its file system.'],
    links: ['https://kubernetes.io/docs/tasks/debug/debug-cluster/monitor-node-health/'],
  },
  *evaluate(incident) {
    for (const group of groupByNode(incident, ...ERRORS)) yield judge(incident, group)
    for (const sayer of sayersOf(incident, 'input-output-error')) yield judgeProgram(incident, sayer)
  },
}

const ERRORS = [
  'npd-read-only-filesystem',
  'read-only-remount',
  'xfs-shutdown',
  'ext4-error',
  'block-device-io-error',
  'nma-block-device-error',
  'npd-io-error',
] as const

function judge(incident: Incident, group: NodeGroup): Finding | Rejection {
  const { ref, said } = group
  const isReadOnly = said.some(
    ({ source, id }) => source === 'condition' || id === 'read-only-remount' || id === 'xfs-shutdown',
  )
  const sufferers = sufferersOfGroup(incident, group)
  if (!isReadOnly && sufferers.length === 0 && !isOngoing(incident, group))
    return reject(ref, 'A disk of it failed once; nothing suffers from it.')
  const text = said[0]?.text ?? ''
  const device = deviceIn(text)
  const which = device === undefined ? 'A disk' : `${isOfRootDevice(device) ? 'The root disk' : 'The disk'} ${device}`
  return findingOf(incident, group, sufferers, {
    notBefore: groupNotBefore(incident, group),
    kind: isReadOnly || sufferers.length > 0 ? 'cause' : 'risk',
    strength: isReadOnly ? 'proof' : 'strong',
    says: `${which} of node ${ref.name} ${isReadOnly ? 'is read-only' : 'fails'}: ${text.slice(0, 160)}; ${countOrNo(sufferers.length, 'pod')} on it suffer.`,
  })
}

/** A program that is told so by its disk: the kernel's own words would say which. */
function judgeProgram(incident: Incident, { workload, said, sick, isOngoing }: Sayer): Finding | Rejection {
  const [first] = said
  if (sick.length === 0 && !isOngoing) return reject(workload, 'A disk did not do what it asked once, and it goes on.')
  const mount = mountIn(incident, first)
  const where = mount ? ` (the claim ${mount.claim} is mounted there)` : ''
  return {
    kind: sick.length > 0 ? 'cause' : 'risk',
    subject: workload,
    strength: 'strong',
    from: earliest(said.map((one) => firstOf(incident, one))),
    says: `${workload.name} gets errors of its disk${where}: ${first.text.slice(0, 200)}.`,
    cites: [first.citation],
    missing: ['The log of the kernel, which names the device.'],
    affects: sick.map(({ ref }) => ref),
  }
}
