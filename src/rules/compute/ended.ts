import type { Container, Terminated } from '../../incident/container.ts'
import type { Incident } from '../../incident/incident.ts'
import { valueAt } from '../../incident/kubernetes.ts'
import type { Pod } from '../../incident/pod.ts'
import { parseQuantity } from '../../incident/quantity.ts'
import { isRecent } from '../recency.ts'

/** How a container ended within the hour, and where its status says so. */
export interface Ended {
  readonly pod: Pod
  readonly container: Container
  readonly end: Terminated
  readonly path: readonly (string | number)[]
}

/** The last end of each container that ended within the hour. */
export function* endsOf(incident: Incident): Generator<Ended> {
  for (const pod of incident.pods) {
    for (const container of pod.containers) {
      const ended = endOf(pod, container)
      if (ended && isRecent(incident, ended.end.finished)) yield ended
    }
  }
}

function endOf(pod: Pod, container: Container): Ended | undefined {
  const { state, last, statusPath, role } = container
  if (!statusPath || role === 'ephemeral') return undefined
  if (state.kind === 'terminated') return { pod, container, end: state, path: [...statusPath, 'state', 'terminated'] }
  return last && { pod, container, end: last, path: [...statusPath, 'lastState', 'terminated'] }
}

/** The limit of a container, or since v1.34 of its whole pod. */
export function memoryLimitOf(pod: Pod, container: Container): number | undefined {
  return container.limits.memory ?? parseQuantity(valueAt(pod.json, 'spec', 'resources', 'limits', 'memory'))
}
