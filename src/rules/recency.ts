import type { Incident } from '../incident/incident.ts'
import { RECENT } from '../incident/lately.ts'
import type { Pod } from '../incident/pod.ts'
import type { Said } from '../incident/statement.ts'
import { latest } from '../incident/telling.ts'

/** Whoever still complains does so within this time: the kubelet repeats its events at least every five minutes (client-go, events_cache.go). */
export const FRESH = 15 * 60 * 1000

/** Whether something happened within the hour before the capture. */
export function isRecent({ start }: Incident, at: number | undefined): boolean {
  return at !== undefined && at >= start - RECENT
}

/** Whether it was said, or is true, within the hour before the capture. */
export function isCurrent(incident: Incident, said: Said): boolean {
  return isState(incident, said) || isRecent(incident, lastOf(incident, said))
}

/** Whether it is still said: a state always, an event or a line of a log while it is fresh. */
export function isStillSaid(incident: Incident, said: Said): boolean {
  return isState(incident, said) || (lastOf(incident, said) ?? 0) >= incident.start - FRESH
}

/** What is said by what is now, not of a moment. */
function isState({ podOf }: Incident, { source, about }: Said): boolean {
  return source === 'condition' || source === 'waiting' || (source === 'status' && podOf(about)?.phase !== 'Failed')
}

/** When it was said first: of the status of a pod that failed, when it ended. */
export function firstOf(incident: Incident, said: Said): number | undefined {
  return said.first ?? endOfSubject(incident, said)
}

/** When it was said last. */
export function lastOf(incident: Incident, said: Said): number | undefined {
  return said.last ?? endOfSubject(incident, said)
}

function endOfSubject({ podOf }: Incident, { source, about }: Said): number | undefined {
  const pod = source === 'status' ? podOf(about) : undefined
  return pod?.phase === 'Failed' ? endOfPod(pod) : undefined
}

/** When a pod that failed ended, or when it was last seen before: failed pods stay for days. */
export function endOfPod(pod: Pod): number | undefined {
  const unready = pod.conditions.find(({ type }) => type === 'Ready')?.since
  return knownEndOf(pod) ?? unready ?? pod.started ?? pod.created
}

/** When a pod that failed ended, where that is told: the kubelet writes the status of a failed pod for the last time when it ends. */
export function knownEndOf({ conditions, containers, writes }: Pod): number | undefined {
  const ends = containers.map(({ state }) => (state.kind === 'terminated' ? state.finished : undefined))
  const disrupted = conditions.find(({ type }) => type === 'DisruptionTarget')?.since
  const written = writes.filter(({ manager, subresource }) => manager === 'kubelet' && subresource === 'status')
  return disrupted ?? latest(ends) ?? latest(written.map(({ at }) => at))
}

/** `11:58:03`, by the API server's clock. */
export function clockTime(at: number | undefined): string {
  return at === undefined ? 'an unknown time' : new Date(at).toISOString().slice(11, 19)
}
