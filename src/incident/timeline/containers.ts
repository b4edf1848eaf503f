import { cite } from '../citation.ts'
import type { Container, Terminated } from '../container.ts'
import type { Incident } from '../incident.ts'
import type { Pod } from '../pod.ts'
import { byNodeClock, type TimelineEntry } from './entry.ts'

type Path = readonly (string | number)[]

/** When containers started and ended, by the clock of the node that they ran on. */
export function* datesOfContainers(incident: Incident, pod: Pod): Generator<TimelineEntry> {
  for (const container of pod.containers) {
    const { state, last, statusPath } = container
    if (!statusPath) continue
    if (last) yield* ends(incident, pod, container, last, [...statusPath, 'lastState', 'terminated'])
    if (state.kind === 'running' && state.since !== undefined)
      yield entry(incident, pod, container, state.since, 'It was started.', [
        ...statusPath,
        'state',
        'running',
        'startedAt',
      ])
    if (state.kind === 'terminated')
      yield* ends(incident, pod, container, state, [...statusPath, 'state', 'terminated'])
  }
}

function* ends(
  incident: Incident,
  pod: Pod,
  container: Container,
  { started, finished, reason, exitCode }: Terminated,
  path: Path,
): Generator<TimelineEntry> {
  if (started !== undefined) yield entry(incident, pod, container, started, 'It was started.', [...path, 'startedAt'])
  if (finished === undefined) return
  const why = `${reason || 'ended'}${exitCode === undefined ? '' : `, exit code ${exitCode}`}`
  yield entry(incident, pod, container, finished, `It ended (${why}).`, [...path, 'finishedAt'])
}

function entry(incident: Incident, pod: Pod, { name }: Container, at: number, says: string, path: Path): TimelineEntry {
  return {
    ...byNodeClock(incident, pod.node, at),
    about: { ...pod.ref, container: name },
    says,
    source: 'container',
    cites: [cite(pod, path)],
  }
}
