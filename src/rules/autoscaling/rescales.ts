import type { KubeEvent } from '../../incident/event.ts'
import type { Incident } from '../../incident/incident.ts'
import { keyOf, type Ref } from '../../incident/reference.ts'
import { isRecent } from '../recency.ts'

/** A change of the number of pods, as the Deployment controller tells it. */
export interface Rescale {
  readonly event: KubeEvent
  readonly at: number
  /** The ReplicaSet that was resized. */
  readonly set: string
  readonly direction: 'up' | 'down'
  readonly from: number | undefined
  readonly to: number
}

/** `Scaled up replica set web-5d9 from 2 to 10`, or without `from` in older versions (pkg/controller/deployment/sync.go). */
const SCALED = /Scaled (up|down) replica set (\S+) (?:from (\d+) )?to (\d+)/

/** The changes of the number of a Deployment's pods within the hour, oldest first; events that repeat are told by their first and last time. */
export function rescalesOf(incident: Incident, workload: Ref): readonly Rescale[] {
  return incident
    .eventsAbout(workload)
    .flatMap((event) => {
      const [, direction, set = '', from, to] = SCALED.exec(event.message) ?? []
      if (event.reason !== 'ScalingReplicaSet' || to === undefined || !isRecent(incident, event.last)) return []
      const times = event.count > 1 ? [event.first, event.last] : [event.last]
      return times
        .filter((at) => at !== undefined)
        .map(
          (at): Rescale => ({
            event,
            at,
            set,
            direction: direction === 'up' ? 'up' : 'down',
            from: from === undefined ? undefined : Number(from),
            to: Number(to),
          }),
        )
    })
    .sort((a, b) => a.at - b.at)
}

/** How often the direction turned, of the ReplicaSet that turned most: a rollout grows one and shrinks another. */
export function countTurns(rescales: readonly Rescale[]): number {
  const bySet = Map.groupBy(rescales, ({ set }) => set)
  return Math.max(0, ...[...bySet.values()].map(turnsOf))
}

function turnsOf(rescales: readonly Rescale[]): number {
  return rescales.filter(({ direction }, index) => index > 0 && direction !== rescales[index - 1]?.direction).length
}

/** Changes to a number that the autoscaler itself never set, as far as its events tell; all of them where it tells nothing. */
export function notByScaler(incident: Incident, scaler: Ref, rescales: readonly Rescale[]): readonly Rescale[] {
  const sizes = incident.said('hpa-rescaled').filter(({ about }) => keyOf(about) === keyOf(scaler))
  const own = new Set(sizes.map(({ values }) => Number(values.size)))
  return rescales.filter(({ to }) => !own.has(to))
}
