import { backOffsOf } from '../../incident/back-off.ts'
import { conditionOf } from '../../incident/condition.ts'
import type { Container } from '../../incident/container.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Pod } from '../../incident/pod.ts'
import { earliest } from '../../incident/telling.ts'
import { isSuffering } from '../suffering.ts'

/**
 * A container that runs twice as long as the life before, and at least this, does not end in the same way again (judgement). Less is asked than of
 * what leaves a crash loop (`hasLeftLoop`), because a new version is blamed for what it does, and one that only waited for another is well at once.
 */
const LONG_ENOUGH = 60 * 1000

/** Whether something is wrong with a pod still: one that ended while it started, and is at work since, is well. */
export function isStillSick(incident: Incident, pod: Pod): boolean {
  return isSuffering(incident, pod) && !hasRecovered(incident, pod)
}

function hasRecovered({ now }: Incident, { deleted, phase, ready, containers }: Pod): boolean {
  if (deleted !== undefined || phase !== 'Running' || !ready) return false
  return containers.every(({ role, restarts, last, state }) => {
    if (restarts === 0 || role === 'init' || role === 'ephemeral') return true
    return state.kind === 'running' && now - (state.since ?? now) >= Math.max(LONG_ENOUGH, 2 * lifeOf(last))
  })
}

/** How long a pod was well before it failed, in milliseconds; 0 where it never was, or nobody knows. */
export function servedFor(pod: Pod): number {
  return pod.containers.some(({ restarts }) => restarts > 1) ? beforeLoop(pod) : beforeUnready(pod)
}

function beforeUnready({ conditions, created, containers }: Pod): number {
  const unready = conditionOf(conditions, 'Ready')
  const first = containers.map(
    ({ state, last }) => last?.started ?? (state.kind === 'running' ? state.since : undefined),
  )
  const began = earliest(first) ?? created
  if (unready?.status !== 'False' || unready.since === undefined || began === undefined) return 0
  return Math.max(0, unready.since - began)
}

/** What its restarts cannot fill of the time from its start to its last end. Twice their time is taken off: lives differ. */
function beforeLoop({ conditions, started, created, containers }: Pod): number {
  const initialized = conditionOf(conditions, 'Initialized')
  const began = (initialized?.status === 'True' ? initialized.since : undefined) ?? started ?? created
  const spans = containers
    .filter(({ role, restarts }) => restarts > 0 && role !== 'init')
    .map(({ last, restarts }) => (last?.finished ?? 0) - (began ?? Infinity) - 2 * lengthOfLoop(last, restarts))
  return spans.length === 0 ? 0 : Math.max(0, Math.min(...spans))
}

function lengthOfLoop(last: Container['last'], restarts: number): number {
  return backOffsOf(restarts) + restarts * Math.max(LONG_ENOUGH, lifeOf(last))
}

function lifeOf(last: Container['last']): number {
  return last?.started === undefined || last.finished === undefined ? 0 : last.finished - last.started
}
