import { conditionOf } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { earliest } from '../../incident/telling.ts'
import { isPreparing } from '../../incident/waiting.ts'

/** An image of a gigabyte, or a migration, takes minutes; whatever fails of it is said in a warning (judgement). */
const PULL_PATIENCE = 5 * 60 * 1000

/** Whether a pod of a new version may only need its time: as long as no warning is said, and twice as long as the ones before took to be ready. */
export function justStarts(incident: Incident, pod: Pod, before: readonly Pod[]): boolean {
  const { containers, node, phase, started, created, ref } = pod
  if (node === '' || phase === 'Failed' || containers.some(({ restarts }) => restarts > 0)) return false
  const age = incident.now - (started ?? created ?? 0)
  const states = containers.filter(({ role }) => role !== 'ephemeral').map(({ state }) => state)
  if (states.some((state) => state.kind === 'waiting' && !isPreparing(state.reason))) return false
  if (states.some(({ kind }) => kind === 'waiting'))
    return age < PULL_PATIENCE && !incident.eventsAbout(ref).some(({ type }) => type === 'Warning')
  return age < 2 * (earliest(before.map(timeToReady)) ?? 0)
}

/** How long a pod took to be ready; longer where it was not ready in between. */
function timeToReady({ conditions, started, created, containers }: Pod): number | undefined {
  const ready = conditionOf(conditions, 'Ready')
  const began = started ?? created
  if (ready?.status !== 'True' || ready.since === undefined || began === undefined) return undefined
  return containers.some(({ restarts }) => restarts > 0) ? undefined : ready.since - began
}
