import type { Citation } from '../../incident/citation.ts'
import type { CniNode } from '../../incident/cni/cni.ts'
import { citeFigure } from '../../incident/counters/summary.ts'
import type { Incident } from '../../incident/incident.ts'
import { count } from '../../incident/telling.ts'

/** Addresses that agents keep and no pod has, in words and with places. */
export interface KeptAddresses {
  readonly says: string
  readonly cites: readonly Citation[]
}

/** What agents of nodes that were asked keep in reserve; undefined where they keep nothing. Where the subnet is full, others lack it. */
export function keptAddresses(incident: Incident): KeptAddresses | undefined {
  const keepers = incident.cni.nodes
    .map((node) => ({ node, free: freeOf(node) }))
    .filter(({ free }) => free > 0)
    .sort((a, b) => b.free - a.free || (a.node.node < b.node.node ? -1 : 1))
  const [most] = keepers
  if (!most) return undefined
  const { reserve, pools } = most.node
  const set = reserve ? `, ${reserve.name} is ${reserve.value.value}` : ''
  const all = keepers.reduce((sum, { free }) => sum + free, 0)
  return {
    says: `${count(keepers.length, 'node')} that ${keepers.length === 1 ? 'was' : 'were'} asked ${keepers.length === 1 ? 'keeps' : 'keep'} ${all} that no pod has (${most.node.node} ${most.free}${set})`,
    cites: [
      ...pools.slice(0, 1).flatMap(({ assigned, total }) => [assigned, total]),
      ...(reserve ? [reserve.value] : []),
    ].map(citeFigure),
  }
}

function freeOf({ pools }: CniNode): number {
  return pools.reduce((sum, { total, assigned }) => sum + Math.max(0, total.value - assigned.value), 0)
}
