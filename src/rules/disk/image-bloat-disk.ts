import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import { citeFigure } from '../../incident/counters/summary.ts'
import type { Incident } from '../../incident/incident.ts'
import { listAt, numberAt, valueAt } from '../../incident/kubernetes.ts'
import type { Node } from '../../incident/node.ts'
import { parseQuantity, showBytes } from '../../incident/quantity.ts'
import { findingOf, groupByNode, isOngoing, type NodeGroup } from '../group-by-node.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { fillerOf } from './fillers.ts'
import { evictedFrom, type Pressure, pressureOn } from './pressure.ts'

/** A node's disk that images fill, because the kubelet finds too few that it may delete. */
export const imageBloatDisk: Rule<'image-bloat-disk'> = {
  id: 'image-bloat-disk',
  title: 'Images fill the disk of a node',
  domain: 'disk',
  seeds: ['KIA 11.1.3'],
  needs: ['nodes'],
  helps: ['events', 'pods', 'kubelet-stats'],
  explains: ['node-unhealthy', 'evicted', 'not-starting', 'unscheduled'],
  explain: {
    mechanism:
      'The images in use are too large for the disk of the node. The kubelet deletes what no container uses from 85 % on; if that is not enough it says so, sets DiskPressure and evicts pods, whose images it can then delete, until they are pulled again.',
    proof: [
      'Events ImageGCFailed or FreeDiskSpaceFailed: `failed to garbage collect required amount of images`.',
      'The images in node.status.images add up to most of the disk, and no pod has written much.',
    ],
    lookAlikes: [
      'log-flood-diskpressure: a pod has written the most.',
      '`invalid capacity 0 on image filesystem` once after a start of the kubelet is harmless.',
    ],
    mitigate: [
      {
        says: 'Replace the node.',
        command: 'kubectl drain {node} --ignore-daemonsets --delete-emptydir-data',
        changes: true,
      },
    ],
    fix: ['Larger root volumes, smaller images, fewer versions in use at once.'],
    links: ['https://kubernetes.io/docs/concepts/architecture/garbage-collection/#containers-images'],
  },
  *evaluate(incident) {
    const pressed = new Map(pressureOn(incident, 'disk').map((one) => [one.ref.name, one]))
    for (const group of groupByNode(incident, 'image-gc-failed', 'image-disk-full'))
      yield judge(incident, group, pressed.get(group.ref.name))
  },
}

/** More than half of the disk: then it is images before all else. */
const MOST = 0.5

function judge(incident: Incident, group: NodeGroup, pressure: Pressure | undefined): Finding | Rejection {
  const filler = fillerOf(incident, group.ref.name, pressure?.evictions ?? [])
  if (filler) return reject(group.ref, `The kubelet cannot delete enough images, but ${filler.says}.`)
  const isSuffering = pressure !== undefined && !pressure.isOver
  if (!isSuffering && !isOngoing(incident, group))
    return reject(group.ref, 'It could not delete enough images once, and has room now.')
  return describe(incident, group, isSuffering ? pressure : undefined)
}

function describe(incident: Incident, group: NodeGroup, pressure: Pressure | undefined): Finding {
  const share = group.node && shareOfImages(incident, group.node)
  const isMost = share !== undefined && share.share >= MOST
  return findingOf(incident, group, evictedFrom(incident, pressure?.evictions ?? []), {
    kind: pressure ? 'cause' : 'risk',
    strength: isMost ? 'strong' : 'weak',
    says: `Node ${group.ref.name} cannot delete enough images to make room on its disk${share ? `; its images add up to ${showBytes(share.bytes)} of ${showBytes(share.capacity)}` : ''}: ${group.said[0]?.words.slice(0, 160)}.`,
    cites: atLeastOne([
      ...group.said.slice(0, 2).map(({ citation }) => citation),
      ...(share?.citation
        ? [share.citation]
        : isMost && group.node
          ? [cite(group.node, ['status', 'capacity', 'ephemeral-storage'])]
          : []),
    ]),
    missing: share?.citation ? [] : ['What images and pods use of the disk (/stats/summary of the kubelet).'],
  })
}

/** As the kubelet measured it; else by its fifty largest images (nodeStatusMaxImages). */
function shareOfImages(
  incident: Incident,
  { json, ref }: Node,
): { share: number; bytes: number; capacity: number; citation?: Citation } | undefined {
  const { used, capacity: whole } = incident.counters.of(ref.name)?.usage?.imageDisk ?? {}
  if (used && whole && whole.value > 0)
    return { share: used.value / whole.value, bytes: used.value, capacity: whole.value, citation: citeFigure(used) }
  const capacity = parseQuantity(valueAt(json, 'status', 'capacity', 'ephemeral-storage'))
  if (capacity === undefined) return undefined
  const bytes = listAt(json, 'status', 'images').reduce<number>(
    (sum, one) => sum + (numberAt(one, 'sizeBytes') ?? 0),
    0,
  )
  return { share: bytes / capacity, bytes, capacity }
}
