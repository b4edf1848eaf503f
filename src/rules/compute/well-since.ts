import { LOOP_WINDOW } from '../../incident/back-off.ts'
import type { Incident } from '../../incident/incident.ts'
import { succeededSince } from '../../incident/succeeded-since.ts'
import type { Ended } from './ended.ts'

/** Whether an end is over: the first one of a container that has run well longer than any crash loop waits, or of a Job that succeeded since. */
export function isWellSince(
  incident: Incident,
  { pod, container, end }: Pick<Ended, 'pod' | 'container' | 'end'>,
): boolean {
  if (pod.phase === 'Failed') return succeededSince(incident, pod.ref, end.finished ?? 0) !== undefined
  const { state, ready, restarts } = container
  return (
    ready && restarts <= 1 && state.kind === 'running' && incident.now - (state.since ?? incident.now) > LOOP_WINDOW
  )
}
