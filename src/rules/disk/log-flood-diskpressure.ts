import { atLeastOne } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { countOrNo, earliest, latest } from '../../incident/telling.ts'
import { findingOf } from '../group-by-node.ts'
import { clockTime, firstOf, lastOf } from '../recency.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { type Filler, fillerOf } from './fillers.ts'
import { evictedFrom, type Pressure, pressureOn, tellEvicted } from './pressure.ts'

/** A pod that writes a node's disk full, by its log, its layer or a scratch volume, upon which the kubelet evicts its neighbours. */
export const logFloodDiskpressure: Rule<'log-flood-diskpressure'> = {
  id: 'log-flood-diskpressure',
  title: 'A node runs out of disk for what its pods write',
  domain: 'disk',
  seeds: ['HN 6', 'KIA 11.1.3', 'KIA 11.3.2'],
  needs: ['pods'],
  helps: ['nodes', 'events', 'kubelet-stats', 'logs'],
  explains: [
    'evicted',
    'node-unhealthy',
    'unscheduled',
    'not-starting',
    'not-ready',
    'no-endpoints',
    'rollout-stalled',
  ],
  explain: {
    mechanism:
      'A container writes more to its log, its layer or a scratch volume than the disk of the node takes. The kubelet sets DiskPressure, which keeps new pods away, deletes images and dead containers, and evicts pods: those that use most first, then others. The new pods carry the flood to the next node.',
    proof: [
      'Node condition DiskPressure=True, event EvictionThresholdMet `Attempting to reclaim ephemeral-storage`.',
      'Evicted pods say `The node was low on resource: ephemeral-storage`, and `Container … was using …`: one owner uses far more than all others. The words stay in status.message of the failed pod when the event is gone. They count logs, layer and scratch volumes together.',
      'The kubelet’s /stats/summary, sorted by logs, rootfs and volumes of each pod.',
    ],
    lookAlikes: [
      'image-bloat-disk: images hold most of the disk, and the kubelet cannot delete enough of them.',
      'ephemeral-limit-exceeded: one pod is evicted for its own limit, the node is well.',
      'inode-exhaustion: the message names inodes.',
      'The kubelet rotates the output of containers at 10 MiB and keeps five files: tens of gigabytes are files, not output.',
    ],
    mitigate: [
      {
        says: 'Stop the writer: fewer replicas, or a quieter log level where it is its log that grows.',
        command: 'kubectl scale deployment/{name} -n {namespace} --replicas=0',
        changes: true,
      },
      {
        says: 'Ask the kubelet who uses most, before anything is deleted.',
        command: 'kubectl get --raw /api/v1/nodes/{node}/proxy/stats/summary',
        changes: false,
      },
    ],
    fix: [
      'Set requests and limits for ephemeral-storage, so that the writer is evicted and not its neighbours.',
      'Limit what a failing program logs; write data to a volume.',
    ],
    links: ['https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/'],
  },
  *evaluate(incident) {
    const nodes = pressureOn(incident, 'disk').filter(lacksBytes)
    for (const group of nodes.filter(({ isOver }) => isOver))
      yield reject(group.ref, 'It was short of disk within the hour, evicted nobody, and is no longer.')
    const open = nodes
      .filter(({ isOver }) => !isOver)
      .map((group) => ({ group, filler: fillerOf(incident, group.ref.name, group.evictions) }))
    for (const [, found] of Map.groupBy(open, ({ filler, group }) => keyOf(filler?.workload ?? group.ref)))
      yield describe(
        incident,
        found.map(({ group }) => group),
        found[0]?.filler,
      )
  },
}

/** Who only lacks inodes has a rule of its own. */
function lacksBytes({ said }: Pressure): boolean {
  const named = said.map(({ values }) => values.resource).filter((one) => one !== undefined)
  return named.length === 0 || named.some((one) => !one.startsWith('inodes'))
}

function describe(incident: Incident, groups: readonly Pressure[], filler: Filler | undefined): Finding {
  const said = groups.flatMap((group) => group.said)
  const evicted = evictedFrom(
    incident,
    groups.flatMap(({ evictions }) => evictions),
  )
  const nodes = groups.map(({ ref }) => ref)
  const pending = groups.some(({ isNow }) => isNow) ? pendingForDisk(incident) : []
  const names = nodes.map(({ name }) => name).join(', ')
  const isNow = groups.some((group) => group.isNow)
  const what = `${countOrNo(nodes.length, 'node')} (${names}) ${isNow ? (nodes.length === 1 ? 'is' : 'are') : `, last at ${clockTime(latest(said.map((one) => lastOf(incident, one))))}, ${nodes.length === 1 ? 'was' : 'were'}`} short of disk${tellEvicted(evicted)}`
  const affects = uniqueRefs([
    ...nodes,
    ...evicted.map(({ ref }) => ref),
    ...pending.map(({ ref }) => ref),
    ...(filler?.pods ?? []),
  ])
  const subject = filler?.workload ?? (nodes[0] as Finding['subject'])
  return findingOf(incident, { ref: subject, said }, [], {
    kind: filler ? 'cause' : 'mechanism',
    strength: filler?.how === 'usage' && isDated(filler, said) ? 'proof' : 'strong',
    from: earliest(said.map((one) => firstOf(incident, one))),
    says: filler
      ? `${filler.says}: ${what}.`
      : `${what}; the bundle does not say who filled ${nodes.length === 1 ? 'it' : 'them'}.`,
    cites: atLeastOne([...(filler ? [filler.citation] : []), ...said.slice(0, 3).map(({ citation }) => citation)]),
    missing: filler ? [] : ['What each pod uses of the disk (/stats/summary of the kubelet).'],
    affects,
  })
}

/** An eviction that does not say when it was may be an old one. */
function isDated({ pods }: Filler, said: readonly Said[]): boolean {
  return said.some(({ about }) => pods.some((pod) => keyOf(pod) === keyOf(about)))
}

const DISK_TAINT = 'node.kubernetes.io/disk-pressure'

/** Pods that find no node for want of disk. */
function pendingForDisk(incident: Incident): readonly Pod[] {
  const said = incident.said('untolerated-taint', 'node-under-pressure').filter((one) => isForDisk(incident, one))
  const pods = said.map(({ about }) => incident.podOf(about)).filter((pod) => pod !== undefined)
  return pods.filter(({ node, phase, deleted }) => node === '' && phase === 'Pending' && deleted === undefined)
}

/** Since v1.34 the scheduler does not name the taint: more nodes are refused than other taints account for. */
function isForDisk({ nodes }: Incident, { id, values: { key, resource, count: refused } }: Said): boolean {
  if (id === 'node-under-pressure') return resource === 'disk'
  if (key !== undefined) return key === DISK_TAINT
  const others = nodes.filter(({ taints }) =>
    taints.some((one) => one.key !== DISK_TAINT && one.effect !== 'PreferNoSchedule'),
  )
  return Number(refused ?? 0) > others.length
}
