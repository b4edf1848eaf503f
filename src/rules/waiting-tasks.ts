import type { Citation } from '../incident/citation.ts'
import type { Resource } from '../incident/counters/machine.ts'
import { citeReading } from '../incident/counters/reading.ts'
import { citeFigure } from '../incident/counters/summary.ts'
import type { Incident } from '../incident/incident.ts'

/** How long tasks of a node waited for something in the last minute. */
export interface WaitingTasks {
  /** In percent. */
  readonly share: number
  readonly says: string
  readonly citation: Citation
}

const WORDS: Readonly<Record<Resource, string>> = { cpu: 'a processor', memory: 'memory', io: 'a disk' }

/**
 * What the kernel's own file of pressure says, or the kubelet's summary, whichever is more: where that is at least so much, in percent. A kernel
 * without PSI tells zero, which says nothing.
 */
export function tasksWaiting(
  incident: Incident,
  node: string,
  resource: Resource,
  least: number,
): WaitingTasks | undefined {
  const { machine, usage } = incident.counters.of(node) ?? {}
  const own = machine?.pressure(resource)
  const told = resource === 'io' ? undefined : usage?.pressure[resource].avg60
  const share = Math.max(own?.value ?? 0, told?.value ?? 0)
  if (share < least) return undefined
  const citation = own && own.value === share ? citeReading(own) : told && citeFigure(told)
  const says = `tasks waited for ${WORDS[resource]} in ${Math.round(share)} % of the last minute`
  return citation && { share, says, citation }
}
