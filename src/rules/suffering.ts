import { backOffsOf, LOOP_WINDOW } from '../incident/back-off.ts'
import type { Terminated } from '../incident/container.ts'
import type { Incident } from '../incident/incident.ts'
import type { Pod } from '../incident/pod.ts'
import { earliest } from '../incident/telling.ts'
import { endOfPod, FRESH, isRecent } from './recency.ts'

/** A pod that is deleted and still there after this is stuck. */
const DELETION_PATIENCE = 60 * 1000

/** A pod that starts is not ready for a while. */
const START_PATIENCE = 60 * 1000

/** Pods on a node that something is wrong with now, or was within the hour: what a fault of the node can be behind. */
export function sufferersOn(incident: Incident, node: string): readonly Pod[] {
  return incident.podsOn(node).filter((pod) => isSuffering(incident, pod))
}

/** A fault is told some minutes after it began. */
export const TELLING = 10 * 60 * 1000

/** Whether the trouble of a pod may come of what was said between two moments: it is not older, nor much younger than what is over. */
export function mayComeOf(pod: Pod, first: number | undefined, until: number | undefined): boolean {
  const began = troubleSince(pod)
  if (began === undefined) return true
  const isOlder = first !== undefined && began < first - TELLING
  const isYounger = until !== undefined && began > until + FRESH && !pod.containers.some(hasLooped)
  return !isOlder && !isYounger
}

/** A container that restarts without running well in between: it may have begun long before what its status still tells. */
function hasLooped({ restarts, last }: Pod['containers'][number]): boolean {
  return restarts > 1 && last !== undefined && !hasRunWell(last)
}

/** Since when something is wrong with a pod, as far as its status still tells: of several restarts only the last two are known. */
function troubleSince(pod: Pod): number | undefined {
  if (pod.phase === 'Failed') return endOfPod(pod)
  const unready = pod.conditions.find(({ type, status }) => type === 'Ready' && status !== 'True')?.since
  return earliest([unready, ...pod.containers.map(restartsSince)])
}

function hasRunWell({ started, finished }: Terminated): boolean {
  return started !== undefined && finished !== undefined && finished - started > LOOP_WINDOW
}

/** In a crash loop each restart waits twice as long as the one before, from 10 s to 5 min: so long it has lasted at least. */
function restartsSince({ state, last, restarts }: Pod['containers'][number]): number | undefined {
  if (restarts === 0 || last === undefined) return undefined
  const isLoop = state.kind === 'waiting' && state.reason === 'CrashLoopBackOff'
  if (!isLoop) return hasRunWell(last) ? last.finished : (last.started ?? last.finished)
  return last.finished && last.finished - backOffsOf(restarts - 1)
}

/** Whether a pod restarts, is not ready, was evicted or does not go away. What ended by itself, and what just starts, does not suffer. */
export function isSuffering(incident: Incident, pod: Pod): boolean {
  const { now } = incident
  if (pod.phase === 'Succeeded') return false
  if (pod.deleted !== undefined) return now - pod.deleted > DELETION_PATIENCE
  if (pod.phase === 'Failed') return pod.reason !== '' && isRecent(incident, endOfPod(pod))
  if (hasRestarted(incident, pod)) return true
  return !pod.ready && now - (pod.started ?? pod.created ?? now) > START_PATIENCE
}

/** Whether a container of the pod was started again within the hour. */
export function hasRestarted(incident: Incident, pod: Pod): boolean {
  return pod.containers.some(({ restarts, last }) => restarts > 0 && isRecent(incident, last?.finished))
}
