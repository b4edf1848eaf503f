import { conditionOf } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { count } from '../../incident/telling.ts'
import { groupByNode, isOngoing, type NodeGroup } from '../group-by-node.ts'
import { knownEndOf } from '../recency.ts'

/** What a node can be short of, by the words of the kubelet's messages. */
export type Scarce = 'memory' | 'disk'

/** A node that is, or was within the hour, short of something. */
export interface Pressure extends NodeGroup {
  /** Whether its condition says so now. */
  readonly isNow: boolean
  /** Short of it for a moment: nobody was evicted, and it is well again. */
  readonly isOver: boolean
  /** Who was evicted for it: beside what is dated, pods that say so and not when, where the node is short of it now. */
  readonly evictions: readonly Said[]
}

const CONDITION = { memory: 'MemoryPressure', disk: 'DiskPressure' } as const

/** Pods that had to go, and pods that came too late and were refused at once. */
const EVICTIONS = ['node-pressure-eviction', 'pressure-reject'] as const

function isEviction({ id }: Said): boolean {
  return (EVICTIONS as readonly string[]).includes(id)
}

const PRESSURE = { memory: 'memory-pressure', disk: 'disk-pressure' } as const

/** Signals of the kubelet that are about memory; the rest of them, process ids aside, is about disks. */
const WORDS = { memory: /^memory/, disk: /^(?:ephemeral-storage|inodes|storage|nodefs|imagefs|containerfs)/ } as const

/** Nodes that are or were short of memory or of disk, with everything that says so. */
export function pressureOn(incident: Incident, scarce: Scarce): readonly Pressure[] {
  return groupByNode(incident, PRESSURE[scarce], 'eviction-threshold-met', ...EVICTIONS)
    .map((group) => ({ ...group, said: group.said.filter((one) => isAbout(one, scarce)) }))
    .filter(({ said }) => said.length > 0)
    .map((group) => {
      const isNow = conditionOf(group.node?.conditions ?? [], CONDITION[scarce])?.status === 'True'
      const dated = group.said.filter(isEviction)
      const evictions = isNow ? [...dated, ...undatedOn(incident, group, scarce)] : dated
      return { ...group, isNow, isOver: !isNow && dated.length === 0 && !isUnrelieved(incident, group), evictions }
    })
}

/** What the status of failed pods on the node says, where nothing tells when they ended: events expire, and old kubelets set no condition. */
function undatedOn(incident: Incident, { ref, said }: NodeGroup, scarce: Scarce): readonly Said[] {
  return incident.said(...EVICTIONS).filter((one) => {
    const pod = one.source === 'status' ? incident.podOf(one.about) : undefined
    const isUndated = pod?.phase === 'Failed' && knownEndOf(pod) === undefined
    return isUndated && pod.node === ref.name && isAbout(one, scarce) && !said.includes(one)
  })
}

function isAbout({ id, values }: Said, scarce: Scarce): boolean {
  if (id === 'pressure-reject') return values.conditions?.includes(CONDITION[scarce]) === true
  return id === PRESSURE[scarce] || WORDS[scarce].test(values.resource ?? '')
}

/** The kubelet still tries, though the condition does not say so (yet). */
function isUnrelieved(incident: Incident, group: NodeGroup): boolean {
  const tries = group.said.filter(({ id }) => id === 'eviction-threshold-met')
  return tries.some(({ count }) => count > 1) && isOngoing(incident, { ...group, said: tries })
}

/** The pods that were evicted for it, of those that the bundle still holds. */
export function evictedFrom(incident: Incident, evictions: readonly Said[]): readonly Pod[] {
  const pods = evictions.map(({ about }) => incident.podOf(about)).filter((pod) => pod !== undefined)
  return [...new Map(pods.map((pod) => [keyOf(pod.ref), pod])).values()]
}

/** ` and evicted 2 pods`; nothing where nobody is known to have been. */
export function tellEvicted(evicted: readonly Pod[]): string {
  return evicted.length === 0 ? '' : ` and evicted ${count(evicted.length, 'pod')}`
}
