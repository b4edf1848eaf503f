import { isSet, type KubeObject, record } from '../table/access.ts'

/** What a review was answered; undefined where it was not. */
export function reviewStatus(answer: unknown): KubeObject | undefined {
  return isSet(answer, 'status') ? record(answer, 'status') : undefined
}
