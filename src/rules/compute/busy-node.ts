import { type Citation, citeLine } from '../../incident/citation.ts'
import { citeReading, type Reading } from '../../incident/counters/reading.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Node } from '../../incident/node.ts'
import { usageOfNode } from '../../incident/usage.ts'
import { tasksWaiting } from '../waiting-tasks.ts'

/** Something measured of a node's processors, in words. */
export interface Measured {
  readonly share: number
  readonly says: string
  readonly cites: readonly Citation[]
}

/** Coroot and the kubelet's own reservations: above this a node has no room left for peaks. */
const SATURATED = 0.9

/** A tenth of the time for others is felt by whoever needs it (judgement; a burstable machine without credits loses far more). */
const STOLEN = 0.1

/** Tasks that wait for a processor half of the time (PSI; our judgement). */
const WAITING = 50

/** So many tasks for each processor: one runs, one waits (judgement). */
const CROWDED = 2

/** How much of its processors a node uses: what its kernel counted between two samples, or else what its kubelet measured; the busier one. */
export function useOf(incident: Incident, node: Node): (Measured & { readonly isSaturated: boolean }) | undefined {
  const [most] = [countedUse(incident, node.ref.name), measuredUse(incident, node)]
    .filter((one) => one !== undefined)
    .sort((a, b) => Number(isFull(b)) - Number(isFull(a)))
  return most && { ...most, isSaturated: isFull(most) }
}

function isFull({ share }: Measured): boolean {
  return share >= SATURATED
}

function countedUse(incident: Incident, node: string): Measured | undefined {
  const time = incident.counters.of(node)?.machine.time
  if (!time) return undefined
  const says = `uses ${percent(time.busy)} of its processors`
  return { share: time.busy, says, cites: [citeTicks(time.after), citeTicks(time.before)] }
}

function measuredUse(incident: Incident, node: Node): Measured | undefined {
  const usage = usageOfNode(incident, node.ref.name)
  if (usage?.cpu === undefined) return undefined
  const share = usage.cpu / (node.allocatable.cpu ?? Number.POSITIVE_INFINITY)
  return { share, says: `uses ${percent(share)} of its processors`, cites: [usage.citation] }
}

/** What the host took of the node's processors for other machines, where that is much. */
export function stolenFrom(incident: Incident, node: string): Measured | undefined {
  const time = incident.counters.of(node)?.machine.time
  if (!time || time.stolen < STOLEN) return undefined
  const says = `its host gave ${percent(time.stolen)} of the time of its processors to others`
  return { share: time.stolen, says, cites: [citeTicks(time.after), citeTicks(time.before)] }
}

/** The node whose host took as much, of those that are asked and not of these; it is no worse off. */
export function alsoStolenFrom(incident: Incident, { share }: Measured, not: (node: string) => boolean) {
  const others = incident.counters.nodes.filter(({ node }) => !not(node))
  const found = others.find(({ machine }) => (machine.time?.stolen ?? 0) >= AS_MUCH * share)
  const stolen = found && stolenFrom(incident, found.node)
  return stolen && { node: found.node, ...stolen }
}

/** Shares within a fifth of each other are the same (judgement). */
const AS_MUCH = 0.8

/** How long tasks waited for a processor, where that is much. */
export function waitingOn(incident: Incident, node: string): Measured | undefined {
  const waiting = tasksWaiting(incident, node, 'cpu', WAITING)
  return waiting && { share: waiting.share / 100, says: waiting.says, cites: [waiting.citation] }
}

/** How many tasks wanted a processor at once, where they are many for each. */
export function queueOn(incident: Incident, node: string): Measured | undefined {
  const { running, processors } = incident.counters.of(node)?.machine ?? {}
  if (!running || !processors || running.value < CROWDED * processors) return undefined
  const says = `${running.value} tasks wanted its ${processors} processors at once`
  return { share: running.value / processors, says, cites: [citeReading(running)] }
}

/** The line of all processors has many numbers: its first words are cited. */
function citeTicks({ file, line, words }: Reading): Citation {
  return citeLine(file, line, words.slice(0, 120))
}

/** `98 %` */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
