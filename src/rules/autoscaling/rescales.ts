import type { Citation } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Ref } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { isRecent } from '../recency.ts'

/** A change of a number of pods, as the controller of the workload or the autoscaler tells it. */
export interface Rescale {
  readonly citation: Citation
  readonly at: number
  /** The ReplicaSet that was resized; empty where the autoscaler tells it. */
  readonly set: string
  readonly direction: 'up' | 'down'
  readonly to: number
  /** How often the same was told within the hour. */
  readonly times: number
}

/** The changes of the number of a workload's pods within the hour that are no part of a rollout, oldest first. */
export function rescalesOf(incident: Incident, workload: Ref): readonly Rescale[] {
  const all = told(incident, workload, 'deployment-scaled').flatMap((said) =>
    rescalesIn(incident, said, {
      set: said.values.set ?? '',
      direction: said.values.direction === 'up' ? 'up' : 'down',
      to: Number(said.values.to),
    }),
  )
  return all.filter((one) => !all.some((other) => areOfRollout(one, other))).sort(byTime)
}

/** What the autoscaler itself did within the hour, oldest first. Its sizes alone do not tell where it came from; its reason does. */
export function ownRescalesOf(incident: Incident, scaler: Ref): readonly Rescale[] {
  return told(incident, scaler, 'hpa-rescaled')
    .flatMap((said) =>
      rescalesIn(incident, said, {
        set: '',
        direction: said.values.down === undefined ? 'up' : 'down',
        to: Number(said.values.size),
      }),
    )
    .sort(byTime)
}

/** How often the direction turned, at least. */
export function countTurns(rescales: readonly Rescale[]): number {
  const bySet = Map.groupBy(rescales, ({ set }) => set)
  return Math.max(0, ...[...bySet.values()].map(turnsOf))
}

/** How often the direction of a workload's pods turned: who goes the same step twice has come back in between. */
export function countSwings(rescales: readonly Rescale[]): number {
  return Math.max(countTurns(rescales), ...rescales.map(({ times }) => 2 * (times - 1)))
}

/** Changes to a number that the autoscaler did not set then, as far as its events tell; all of them where it tells nothing. */
export function notByScaler(incident: Incident, scaler: Ref, rescales: readonly Rescale[]): readonly Rescale[] {
  const own = told(incident, scaler, 'hpa-rescaled')
  return rescales.filter(({ to, at }) => !own.some((said) => Number(said.values.size) === to && isNear(said, at)))
}

/** Between the write of the autoscaler and what the controllers tell of it lie seconds, where they are not late (judgement). */
const LAG = 30 * 1000

function isNear({ first, last }: Said, at: number): boolean {
  return at >= (first ?? at) - LAG && at <= (last ?? at) + LAG
}

function told(incident: Incident, about: Ref, id: Said['id']): readonly Said[] {
  return incident.saidAbout(about).filter((said) => said.id === id && said.source === 'event')
}

/** Events that repeat are told by their first and last time. */
function rescalesIn(
  incident: Incident,
  { first, last, count, citation }: Said,
  step: Pick<Rescale, 'set' | 'direction' | 'to'>,
): readonly Rescale[] {
  const at = (count > 1 ? [first, last] : [last]).filter((one) => one !== undefined && isRecent(incident, one))
  const times = count > 1 && isRecent(incident, first) ? count : 1
  return at.map((one): Rescale => ({ ...step, citation, at: one as number, times }))
}

/** A rollout grows one ReplicaSet while it shrinks another (judgement: within two minutes). */
const ROLLING = 2 * 60 * 1000

function areOfRollout(one: Rescale, other: Rescale): boolean {
  return one.set !== other.set && Math.abs(one.at - other.at) <= ROLLING
}

function turnsOf(rescales: readonly Rescale[]): number {
  return rescales.filter(({ direction }, index) => index > 0 && direction !== rescales[index - 1]?.direction).length
}

function byTime(a: Rescale, b: Rescale): number {
  return a.at - b.at
}
