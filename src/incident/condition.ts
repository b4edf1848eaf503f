import { listAt, textAt, timeAt } from './kubernetes.ts'

/** A condition of any object's status. */
export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
  /** `lastTransitionTime`, or what the kind has in its place. */
  readonly since: number | undefined
  readonly path: readonly (string | number)[]
}

/** Reads `status.conditions` of any object, tolerant of kinds that leave fields out. */
export function readConditions(json: unknown): readonly Condition[] {
  return readConditionsAt(json, ['status', 'conditions'])
}

/** Reads conditions that a kind keeps elsewhere: a route of the Gateway API has some for each of its parents. */
export function readConditionsAt(json: unknown, place: readonly (string | number)[]): readonly Condition[] {
  return listAt(json, ...place).map((condition, index) => ({
    type: textAt(condition, 'type'),
    status: textAt(condition, 'status'),
    reason: textAt(condition, 'reason'),
    message: textAt(condition, 'message'),
    since: timeAt(condition, 'lastTransitionTime') ?? timeAt(condition, 'lastUpdateTime'),
    path: [...place, index],
  }))
}

/** The condition of a type, if it is reported. */
export function conditionOf(conditions: readonly Condition[], type: string): Condition | undefined {
  return conditions.find((condition) => condition.type === type)
}
