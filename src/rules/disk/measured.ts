import type { Citation } from '../../incident/citation.ts'
import { citeFigure, type DiskUsage, type Figure, type PodUsage } from '../../incident/counters/summary.ts'
import type { Incident } from '../../incident/incident.ts'
import { keyOf, type Ref } from '../../incident/reference.ts'

/** Who uses most of a node's disk, as its kubelet measured it. */
export interface MeasuredUser {
  readonly workload: Ref
  readonly pods: readonly Ref[]
  readonly amount: number
  /** Of the whole disk, 0 to 1. */
  readonly share: number
  readonly usage: PodUsage
  readonly citation: Citation
}

/** So much more than the next one uses: then it is the one, not the last straw. */
const DOMINANT = 2

/** The kubelet acts when a tenth of the disk is left (nodefs.available<10%): who uses less than that is not who fills it. */
const LEAST_SHARE = 0.1

/** The workload whose pods use most bytes or inodes of the node's disk, and far more than any other and than the images. */
export function largestUserOf(incident: Incident, node: string, what: 'bytes' | 'inodes'): MeasuredUser | undefined {
  const usage = incident.counters.of(node)?.usage
  const whole = usage && amountOf(usage.disk, what).whole?.value
  if (!usage || whole === undefined || whole <= 0) return undefined
  const [most, next] = rank(incident, usage.pods, what)
  const others = Math.max(next?.amount ?? 0, amountOf(usage.imageDisk, what).used?.value ?? 0)
  if (!most || most.amount < LEAST_SHARE * whole || most.amount < DOMINANT * others) return undefined
  return { ...most, share: most.amount / whole }
}

function amountOf(disk: DiskUsage, what: 'bytes' | 'inodes'): { used: Figure | undefined; whole: Figure | undefined } {
  return what === 'bytes' ? { used: disk.used, whole: disk.capacity } : { used: disk.inodesUsed, whole: disk.inodes }
}

/** Workloads by what their pods use together, most first. */
function rank(
  incident: Incident,
  pods: readonly PodUsage[],
  what: 'bytes' | 'inodes',
): readonly Omit<MeasuredUser, 'share'>[] {
  const measured = pods.flatMap((usage) => {
    const used = amountOf(usage.ephemeral, what).used
    const ref: Ref = { kind: 'Pod', namespace: usage.namespace, name: usage.name }
    return used === undefined ? [] : [{ ref, usage, used, workload: incident.topOf(ref) }]
  })
  return [...Map.groupBy(measured, ({ workload }) => keyOf(workload)).values()]
    .flatMap((members) => {
      const [first] = members.sort((a, b) => b.used.value - a.used.value)
      if (!first) return []
      const amount = members.reduce((sum, { used }) => sum + used.value, 0)
      const [workload, usage, citation] = [first.workload, first.usage, citeFigure(first.used)]
      return [{ workload, usage, citation, amount, pods: members.map(({ ref }) => ref) }]
    })
    .sort((a, b) => b.amount - a.amount || (keyOf(a.workload) < keyOf(b.workload) ? -1 : 1))
}
